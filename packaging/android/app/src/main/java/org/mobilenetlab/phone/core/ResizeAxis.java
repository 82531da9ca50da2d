package org.mobilenetlab.phone.core;

/**
 * The two neighbours of each column (or row) that a picture is resized to, where they lie in the
 * picture's bytes, and the weight of the second. One thread.
 */
final class ResizeAxis {
    /** Columns (or rows) that are filled; the arrays may be longer. */
    int size;
    /** Of the second neighbour, in units of 1 / (2 size). */
    final int[] weight;
    final int[] luma0;
    final int[] luma1;
    final int[] chroma0;
    final int[] chroma1;

    ResizeAxis(int capacity) {
        weight = new int[capacity];
        luma0 = new int[capacity];
        luma1 = new int[capacity];
        chroma0 = new int[capacity];
        chroma1 = new int[capacity];
    }

    /**
     * {@code length} pixels from {@code offset} on become {@code target}: half-pixel centres,
     * clamped. Then luma0 and luma1 hold upright coordinates, until {@link #place}.
     */
    void sample(int offset, int length, int target) {
        size = target;
        long unit = 2L * target;
        for (int i = 0; i < target; i++) {
            long centre = (2L * i + 1) * length - target;
            long at = Math.max(0, Math.min((length - 1) * unit, centre));
            int first = (int) (at / unit);
            weight[i] = (int) (at % unit);
            luma0[i] = offset + first;
            luma1[i] = offset + Math.min(first + 1, length - 1);
        }
    }

    /** From upright coordinates to offsets in the planes. */
    void place(int side, boolean mirrored, int lumaStride, int chromaStride) {
        for (int i = 0; i < size; i++) {
            int first = mirrored ? side - 1 - luma0[i] : luma0[i];
            int second = mirrored ? side - 1 - luma1[i] : luma1[i];
            luma0[i] = first * lumaStride;
            luma1[i] = second * lumaStride;
            chroma0[i] = first / 2 * chromaStride;
            chroma1[i] = second / 2 * chromaStride;
        }
    }
}
