package org.mobilenetlab.phone.core;

/**
 * Keeps the highest few of many scores, highest first; of equal ones the earlier comes first, and
 * what is no number is not kept.
 */
final class Highest {
    private final int[] indices;
    private final double[] scores;
    private int count;

    Highest(int capacity) {
        indices = new int[capacity];
        scores = new double[capacity];
    }

    void clear() {
        count = 0;
    }

    void offer(int index, double score) {
        boolean full = count == scores.length;
        if (Double.isNaN(score) || full && !(score > scores[count - 1])) {
            return;
        }
        int at = full ? count - 1 : count++;
        while (at > 0 && score > scores[at - 1]) {
            scores[at] = scores[at - 1];
            indices[at] = indices[at - 1];
            at--;
        }
        scores[at] = score;
        indices[at] = index;
    }

    /** How many are kept. */
    int count() {
        return count;
    }

    int index(int place) {
        return indices[place];
    }

    double score(int place) {
        return scores[place];
    }
}
