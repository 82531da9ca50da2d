package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Boxes of an SSD that ends in TFLite_Detection_PostProcess: boxes, classes, scores and count, all
 * float. Converters of TensorFlow 2 write them as scores, boxes, count, classes.
 */
public final class BoxDecoder implements Decoder {
    private final int boxesAt;
    private final int classesAt;
    private final int scoresAt;
    private final int countAt;
    private final int capacity;

    private BoxDecoder(int boxesAt, int classesAt, int scoresAt, int countAt, int capacity) {
        this.boxesAt = boxesAt;
        this.classesAt = classesAt;
        this.scoresAt = scoresAt;
        this.countAt = countAt;
        this.capacity = capacity;
    }

    /** A decoder for these outputs, or null if they are not a detector's. */
    public static BoxDecoder of(List<TensorSpec> outputs) {
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
        return output.shape.length == 3 && output.shape[2] == 4;
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        FloatBuffer boxes = floats(outputs[boxesAt]);
        FloatBuffer classes = floats(outputs[classesAt]);
        FloatBuffer scores = floats(outputs[scoresAt]);
        int told = Math.max(0, Math.round(floats(outputs[countAt]).get(0)));
        int count = Math.min(Math.min(told, capacity), Recognition.MAX_BOXES);
        int kept = 0;
        while (kept < count && scores.get(kept) >= 0) {
            kept++; // the operation sorts them, highest first; what is no number ends them
        }
        int[] keptClasses = new int[kept];
        float[] keptScores = new float[kept];
        float[] keptBoxes = new float[4 * kept];
        for (int i = 0; i < kept; i++) {
            keptClasses[i] = Math.max(0, Math.round(classes.get(i)));
            keptScores[i] = scores.get(i);
        }
        boxes.get(keptBoxes);
        return new Recognition(keptClasses, keptScores, keptBoxes);
    }

    private static FloatBuffer floats(ByteBuffer tensor) {
        tensor.rewind();
        return tensor.asFloatBuffer();
    }
}
