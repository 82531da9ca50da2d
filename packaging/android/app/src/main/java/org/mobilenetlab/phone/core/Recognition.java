package org.mobilenetlab.phone.core;

/** What the model saw in one picture: classes or boxes, highest score first. */
public final class Recognition {
    public static final int MAX_CLASSES = 5;
    public static final int MAX_BOXES = 25;

    public final int[] classes;
    public final float[] scores;
    /** Top, left, bottom, right of each entry as fractions of the picture; null for classes. */
    public final float[] boxes;

    public Recognition(int[] classes, float[] scores, float[] boxes) {
        this.classes = classes;
        this.scores = scores;
        this.boxes = boxes;
    }

    public int count() {
        return classes.length;
    }

    public boolean hasBoxes() {
        return boxes != null;
    }
}
