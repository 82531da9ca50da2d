package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A class map: the class of each cell, and the share of the largest classes. */
final class MapDecoder implements Decoder {
    private static final int CLASSES = 256;

    private final int columns;
    private final int rows;
    private final CellReader reader;
    private final int[] counts = new int[CLASSES];
    private final Highest highest = new Highest(Recognition.MAX_CLASSES);

    private MapDecoder(int columns, int rows, CellReader reader) {
        this.columns = columns;
        this.rows = rows;
        this.reader = reader;
    }

    /** Whether, with nobody saying what it is, the output is a map: of more than one cell. */
    static boolean looksLikeMap(TensorSpec output) {
        int[] shape = output.shape;
        boolean plane = shape.length == 4 || shape.length == 3 && !output.isReal();
        return plane && shape[0] == 1 && (long) shape[1] * shape[2] > 1;
    }

    /** A decoder for this output, or null if it is no map. */
    static MapDecoder of(TensorSpec output) {
        int[] shape = output.shape;
        boolean plane = (shape.length == 3 || shape.length == 4) && shape[0] == 1;
        if (!plane || output.elements() == 0
                || (long) shape[1] * shape[2] > Recognition.MAX_CELLS) {
            return null;
        }
        CellReader reader = CellReader.of(output);
        return reader == null ? null : new MapDecoder(shape[2], shape[1], reader);
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        byte[] cells = new byte[columns * rows];
        outputs[0].rewind();
        reader.read(outputs[0], cells);
        Arrays.fill(counts, 0);
        for (byte cell : cells) {
            counts[cell & 0xff]++;
        }
        highest.clear();
        for (int i = 0; i < CLASSES; i++) {
            if (counts[i] > 0) {
                highest.offer(i, counts[i]);
            }
        }
        int[] classes = new int[highest.count()];
        float[] shares = new float[classes.length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = highest.index(i);
            shares[i] = (float) (highest.score(i) / cells.length);
        }
        return Recognition.map(classes, shares, columns, rows, cells);
    }
}
