package org.mobilenetlab.phone.core;

/** How the upright picture comes to the model's input; PROTOCOL.md, "From picture to tensor". */
public enum Fit {
    /** Its largest centred square. */
    CROP("crop"),
    /** The whole of it, undistorted, with black bars. */
    LETTERBOX("letterbox"),
    /** The whole of it, stretched over the whole input. */
    STRETCH("stretch");

    /** Its name on the link. */
    public final String word;

    Fit(String word) {
        this.word = word;
    }

    /** The fit of that name, or null. */
    static Fit named(Object word) {
        for (Fit fit : values()) {
            if (fit.word.equals(word)) {
                return fit;
            }
        }
        return null;
    }

    /** What a model of this task is shown where nothing else was said. */
    static Fit usualFor(String task) {
        boolean wantsAll = Reading.DETECTION.equals(task) || Reading.SEGMENTATION.equals(task);
        return wantsAll ? STRETCH : CROP;
    }

    /** How many of the input's columns a picture of width x height fills. */
    int filledColumns(int width, int height, int columns, int rows) {
        boolean narrow = (long) width * rows < (long) height * columns;
        return this == LETTERBOX && narrow ? scaled(width, rows, height) : columns;
    }

    /** How many of the input's rows a picture of width x height fills. */
    int filledRows(int width, int height, int columns, int rows) {
        boolean narrow = (long) width * rows < (long) height * columns;
        return this == LETTERBOX && !narrow ? scaled(height, columns, width) : rows;
    }

    /** side * to / from, rounded half up, at least 1. */
    private static int scaled(int side, int to, int from) {
        return (int) Math.max(1, (2L * side * to + from) / (2L * from));
    }

    /**
     * Where the input of columns x rows lies on an upright picture of width x height.
     *
     * @return left, top, right, bottom as fractions of the picture; a letterbox's bars lie beyond
     *     0..1
     */
    public float[] area(int width, int height, int columns, int rows) {
        if (this == CROP) {
            int square = Math.min(width, height);
            float left = (float) ((width - square) / 2) / width;
            float top = (float) ((height - square) / 2) / height;
            return new float[] {left, top,
                left + (float) square / width, top + (float) square / height};
        }
        int across = filledColumns(width, height, columns, rows);
        int down = filledRows(width, height, columns, rows);
        int left = (columns - across) / 2;
        int top = (rows - down) / 2;
        return new float[] {(float) -left / across, (float) -top / down,
            (float) (columns - left) / across, (float) (rows - top) / down};
    }
}
