package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** Reads the class of each cell of a map, in each of the forms that PROTOCOL.md allows. */
abstract class CellReader {
    private static final int MAX_CLASS = 255;

    /** Reads from the tensor's start (native order); {@code cells} has the map's length. */
    abstract void read(ByteBuffer tensor, byte[] cells);

    /** A reader for an output (1, rows, columns) or (1, rows, columns, c); null if it is none. */
    static CellReader of(TensorSpec output) {
        boolean isPlane = output.shape.length == 3;
        int columns = output.shape[2];
        int channels = isPlane ? 1 : output.shape[3];
        if (channels > 1) {
            boolean fits = output.isReal() && channels <= MAX_CLASS + 1;
            return !fits ? null : output.isFloat()
                    ? new FloatScores(columns, channels)
                    : new ByteScores(columns, channels, TensorSpec.UINT8.equals(output.dtype));
        }
        if (output.isReal()) {
            return isPlane ? null : output.isFloat() ? new FloatMask() : new Bytes(mask(output));
        }
        if (TensorSpec.UINT8.equals(output.dtype)) {
            return new Bytes(null);
        }
        return TensorSpec.INT32.equals(output.dtype) ? new Ints()
                : TensorSpec.INT64.equals(output.dtype) ? new Longs() : null;
    }

    /** The class of each byte: 1 where it stands for more than a half. */
    private static byte[] mask(TensorSpec output) {
        byte[] table = new byte[256];
        for (int raw = 0; raw < table.length; raw++) {
            table[raw] = (byte) (output.real((byte) raw) > 0.5 ? 1 : 0);
        }
        return table;
    }

    private static final class FloatScores extends CellReader {
        private final float[] row;
        private final int channels;

        FloatScores(int columns, int channels) {
            row = new float[columns * channels];
            this.channels = channels;
        }

        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            FloatBuffer floats = tensor.asFloatBuffer();
            int cell = 0;
            while (cell < cells.length) {
                floats.get(row);
                for (int start = 0; start < row.length; start += channels) {
                    cells[cell++] = (byte) (highest(start) - start);
                }
            }
        }

        /** What is no number is the lowest. */
        private int highest(int start) {
            int best = start;
            float most = Float.NEGATIVE_INFINITY;
            for (int i = start; i < start + channels; i++) {
                if (row[i] > most) {
                    most = row[i];
                    best = i;
                }
            }
            return best;
        }
    }

    /** The highest byte is the highest score: a scale is positive. */
    private static final class ByteScores extends CellReader {
        private final byte[] row;
        private final int channels;
        /** Makes the order of unsigned bytes that of Java's. */
        private final int flip;

        ByteScores(int columns, int channels, boolean unsigned) {
            row = new byte[columns * channels];
            this.channels = channels;
            flip = unsigned ? 0x80 : 0;
        }

        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            int cell = 0;
            while (cell < cells.length) {
                tensor.get(row);
                for (int start = 0; start < row.length; start += channels) {
                    cells[cell++] = (byte) (highest(start) - start);
                }
            }
        }

        private int highest(int start) {
            int best = start;
            for (int i = start + 1; i < start + channels; i++) {
                best = (byte) (row[i] ^ flip) > (byte) (row[best] ^ flip) ? i : best;
            }
            return best;
        }
    }

    private static final class FloatMask extends CellReader {
        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            FloatBuffer floats = tensor.asFloatBuffer();
            for (int cell = 0; cell < cells.length; cell++) {
                cells[cell] = (byte) (floats.get(cell) > 0.5f ? 1 : 0);
            }
        }
    }

    /** One byte per cell: the class itself, or what a table makes of it. */
    private static final class Bytes extends CellReader {
        private final byte[] table;

        Bytes(byte[] table) {
            this.table = table;
        }

        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            tensor.get(cells);
            for (int cell = 0; table != null && cell < cells.length; cell++) {
                cells[cell] = table[cells[cell] & 0xff];
            }
        }
    }

    private static final class Ints extends CellReader {
        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            IntBuffer classes = tensor.asIntBuffer();
            for (int cell = 0; cell < cells.length; cell++) {
                cells[cell] = (byte) Math.max(0, Math.min(MAX_CLASS, classes.get(cell)));
            }
        }
    }

    private static final class Longs extends CellReader {
        @Override
        void read(ByteBuffer tensor, byte[] cells) {
            LongBuffer classes = tensor.asLongBuffer();
            for (int cell = 0; cell < cells.length; cell++) {
                cells[cell] = (byte) Math.max(0, Math.min(MAX_CLASS, classes.get(cell)));
            }
        }
    }
}
