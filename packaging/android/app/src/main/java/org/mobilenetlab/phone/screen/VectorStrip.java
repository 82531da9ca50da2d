package org.mobilenetlab.phone.screen;

/** An embedding as something to look at: a strip of cells, each of them one value or a few. */
public final class VectorStrip {
    private static final int NEGATIVE = 0x56b4e9;
    private static final int POSITIVE = 0xe69f00;

    private VectorStrip() {
    }

    /**
     * Reduces a vector to at most {@code most} cells.
     *
     * @return of the values that a cell stands for, the one furthest from 0
     */
    public static float[] cells(float[] vector, int most) {
        float[] cells = new float[Math.min(most, vector.length)];
        for (int i = 0; i < vector.length; i++) {
            int cell = (int) ((long) i * cells.length / vector.length);
            if (Math.abs(vector[i]) > Math.abs(cells[cell])) {
                cells[cell] = vector[i];
            }
        }
        return cells;
    }

    /** The vector's length in the sense of geometry. */
    public static double norm(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** The furthest from 0 of some values. */
    public static float peak(float[] values) {
        float peak = 0;
        for (float value : values) {
            peak = Math.max(peak, Math.abs(value));
        }
        return peak;
    }

    /** Blue under 0, orange over it, the more transparent the nearer to it. */
    public static int colour(float value, float peak) {
        float share = peak > 0 ? Math.min(1, Math.abs(value) / peak) : 0;
        return (value < 0 ? NEGATIVE : POSITIVE) | Math.round(255 * share) << 24;
    }
}
