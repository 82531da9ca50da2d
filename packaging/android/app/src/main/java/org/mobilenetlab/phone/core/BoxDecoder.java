package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Boxes of an SSD that ends in TFLite_Detection_PostProcess: boxes, classes, scores and count, all
 * float. Converters of TensorFlow 2 write them as scores, boxes, count, classes.
 */
final class BoxDecoder implements Decoder {
    private final int boxesAt;
    private final int classesAt;
    private final int scoresAt;
    private final int countAt;
    private final float[] edges;
    private final float[] kinds;
    private final float[] scores;
    private final Highest highest = new Highest(Recognition.MAX_BOXES);

    private BoxDecoder(int boxesAt, int classesAt, int scoresAt, int countAt, int capacity) {
        this.boxesAt = boxesAt;
        this.classesAt = classesAt;
        this.scoresAt = scoresAt;
        this.countAt = countAt;
        edges = new float[4 * capacity];
        kinds = new float[capacity];
        scores = new float[capacity];
    }

    /** A decoder for these outputs, or null if they are not a detector's. */
    static BoxDecoder of(List<TensorSpec> outputs) {
        if (outputs.size() != 4) {
            return null;
        }
        for (TensorSpec output : outputs) {
            if (!output.isFloat()) {
                return null;
            }
        }
        boolean first = isBoxes(outputs.get(0));
        if (!first && !isBoxes(outputs.get(1))) {
            return null;
        }
        int capacity = outputs.get(first ? 0 : 1).shape[1];
        BoxDecoder decoder = first
                ? new BoxDecoder(0, 1, 2, 3, capacity)
                : new BoxDecoder(1, 3, 0, 2, capacity);
        boolean fits = outputs.get(decoder.classesAt).elements() == capacity
                && outputs.get(decoder.scoresAt).elements() == capacity
                && outputs.get(decoder.countAt).elements() == 1;
        return fits ? decoder : null;
    }

    private static boolean isBoxes(TensorSpec output) {
        int[] shape = output.shape;
        return shape.length == 3 && shape[0] == 1 && shape[2] == 4 && output.elements() > 0;
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        read(outputs[boxesAt], edges);
        read(outputs[classesAt], kinds);
        read(outputs[scoresAt], scores);
        outputs[countAt].rewind();
        float told = outputs[countAt].getFloat();
        int count = isFinite(told) ? (int) Math.min(told, scores.length) : 0;
        highest.clear();
        for (int i = 0; i < count; i++) {
            if (isWhole(i)) {
                highest.offer(i, scores[i]);
            }
        }
        return take();
    }

    private static void read(ByteBuffer tensor, float[] into) {
        tensor.rewind();
        tensor.asFloatBuffer().get(into);
    }

    private boolean isWhole(int entry) {
        boolean whole = isFinite(scores[entry]) && isFinite(kinds[entry]);
        for (int side = 0; side < 4; side++) {
            whole &= isFinite(edges[4 * entry + side]);
        }
        return whole;
    }

    private static boolean isFinite(float value) {
        return !Float.isNaN(value) && !Float.isInfinite(value);
    }

    private Recognition take() {
        int count = highest.count();
        int[] classes = new int[count];
        float[] best = new float[count];
        float[] boxes = new float[4 * count];
        for (int i = 0; i < count; i++) {
            int entry = highest.index(i);
            classes[i] = Math.max(0, (int) kinds[entry]);
            best[i] = scores[entry];
            System.arraycopy(edges, 4 * entry, boxes, 4 * i, 4);
        }
        return Recognition.boxes(classes, best, boxes);
    }
}
