package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/**
 * Class scores, float or quantised, probabilities or logits.
 *
 * <p>A quantised output whose whole range lies in 0..1 holds probabilities; a float one does if
 * its values lie in 0..1 and add up to 1. Everything else is logits and is softmaxed.
 */
public final class ClassDecoder implements Decoder {
    private static final float SLACK = 0.02f;

    private final TensorSpec output;
    private final float[] scores;
    private final boolean boundedToOne;

    public ClassDecoder(TensorSpec output) {
        this.output = output;
        scores = new float[output.elements()];
        boolean signed = TensorSpec.INT8.equals(output.dtype);
        float lowest = output.isFloat() ? -1 : output.real((byte) (signed ? -128 : 0));
        float highest = output.isFloat() ? -1 : output.real((byte) (signed ? 127 : 255));
        boundedToOne = lowest >= -SLACK && highest >= 0.5f && highest <= 1 + SLACK;
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        read(outputs[0]);
        if (!boundedToOne && !(output.isFloat() && addsUpToOne())) {
            softmax();
        }
        return best(Math.min(Recognition.MAX_CLASSES, scores.length));
    }

    private void read(ByteBuffer tensor) {
        tensor.rewind();
        if (output.isFloat()) {
            tensor.asFloatBuffer().get(scores);
            return;
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = output.real(tensor.get(i));
        }
    }

    private boolean addsUpToOne() {
        double sum = 0;
        for (float score : scores) {
            if (!(score >= -1e-4f && score <= 1 + 1e-4f)) {
                return false;
            }
            sum += score;
        }
        return Math.abs(sum - 1) <= SLACK;
    }

    private void softmax() {
        float highest = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            highest = Math.max(highest, score);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) Math.exp(scores[i] - highest);
            sum += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= (float) sum;
        }
    }

    /** Of equal scores the lower class comes first. */
    private Recognition best(int count) {
        int[] classes = new int[count];
        float[] top = new float[count];
        int held = 0;
        for (int i = 0; i < scores.length; i++) {
            if (held == count && !(scores[i] > top[count - 1])) {
                continue;
            }
            int at = held < count ? held++ : count - 1;
            while (at > 0 && scores[i] > top[at - 1]) {
                top[at] = top[at - 1];
                classes[at] = classes[at - 1];
                at--;
            }
            top[at] = scores[i];
            classes[at] = i;
        }
        return new Recognition(classes, top, null);
    }
}
