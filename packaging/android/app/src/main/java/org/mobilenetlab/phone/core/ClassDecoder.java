package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Class scores, float or quantised, probabilities or logits; logits are softmaxed.
 *
 * <p>Where nobody said which they are, a quantised output whose whole range lies in 0..1 holds
 * probabilities, and a float one does if its values lie in 0..1 and add up to 1. A score that comes
 * out as no finite number is left out.
 */
final class ClassDecoder implements Decoder {
    private static final double SLACK = 0.02;

    private final TensorSpec output;
    private final String told;
    private final boolean boundedToOne;
    private final RealReader reader;
    private final double[] scores;
    private final Highest highest;

    /** @param told {@link Reading#scores}: null if nobody said */
    ClassDecoder(TensorSpec output, String told) {
        this.output = output;
        this.told = told;
        boundedToOne = output.isQuantised() && isBoundedToOne(output);
        reader = new RealReader(output);
        scores = new double[output.elements()];
        highest = new Highest(Math.min(Recognition.MAX_CLASSES, scores.length));
    }

    private static boolean isBoundedToOne(TensorSpec output) {
        boolean signed = TensorSpec.INT8.equals(output.dtype);
        double least = output.real((byte) (signed ? -128 : 0));
        double most = output.real((byte) (signed ? 127 : 255));
        return least >= -SLACK && most <= 1 + SLACK;
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        reader.read(outputs[0], scores);
        highest.clear();
        for (int i = 0; i < scores.length; i++) {
            highest.offer(i, scores[i]);
        }
        boolean probabilities = areProbabilities();
        double most = highest.count() == 0 ? 0 : highest.score(0);
        double sum = probabilities ? 1 : sumOfExponentials(most);
        int[] classes = new int[highest.count()];
        float[] best = new float[classes.length];
        int count = 0;
        for (int i = 0; i < classes.length; i++) {
            double score = highest.score(i);
            double real = probabilities ? score : Math.exp(score - most) / sum;
            if (!Double.isNaN(real) && !Double.isInfinite(real)) {
                classes[count] = highest.index(i);
                best[count++] = (float) real;
            }
        }
        return Recognition.classes(Arrays.copyOf(classes, count), Arrays.copyOf(best, count));
    }

    private boolean areProbabilities() {
        if (told != null) {
            return Reading.PROBABILITIES.equals(told);
        }
        return output.isFloat() ? addUpToOne() : boundedToOne;
    }

    private boolean addUpToOne() {
        double sum = 0;
        for (double score : scores) {
            if (!(score >= -SLACK && score <= 1 + SLACK)) {
                return false;
            }
            sum += score;
        }
        return Math.abs(sum - 1) <= SLACK;
    }

    /** Relative to the highest score, so that none is too large for a double. */
    private double sumOfExponentials(double most) {
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score - most);
        }
        return sum;
    }
}
