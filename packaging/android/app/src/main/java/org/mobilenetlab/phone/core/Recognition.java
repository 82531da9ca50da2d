package org.mobilenetlab.phone.core;

/** What the model saw in one picture; never changes once it is made. */
public final class Recognition {
    /** The kinds, numbered as in RESULT. */
    public static final int CLASSES = 0;
    public static final int BOXES = 1;
    public static final int VECTOR = 2;
    public static final int MAP = 3;

    public static final int MAX_CLASSES = 5;
    public static final int MAX_BOXES = 25;
    public static final int MAX_VECTOR = 65_536;
    public static final int MAX_CELLS = 262_144;

    public final int kind;
    /** Which of the APK's pictures it was, from 1; 0 if it was none of them. */
    public final int picture;
    /** Highest score first; of a map, largest share first; empty for a vector. */
    public final int[] classes;
    /** Of each class: its score, or its share of the map, 0 to 1. */
    public final float[] scores;
    /** Top, left, bottom, right of each entry as fractions of the model's input; else null. */
    public final float[] boxes;
    /** Of kind VECTOR, else null. */
    public final float[] vector;
    /** Of kind MAP: how many cells lie beside and above each other. */
    public final int columns;
    public final int rows;
    /** Of kind MAP: the class (unsigned) of each cell, row by row from the top left; else null. */
    public final byte[] cells;

    private Recognition(int kind, int picture, int[] classes, float[] scores, float[] boxes,
            float[] vector, int columns, int rows, byte[] cells) {
        this.kind = kind;
        this.picture = picture;
        this.classes = classes;
        this.scores = scores;
        this.boxes = boxes;
        this.vector = vector;
        this.columns = columns;
        this.rows = rows;
        this.cells = cells;
    }

    public static Recognition classes(int[] classes, float[] scores) {
        return new Recognition(CLASSES, 0, classes, scores, null, null, 0, 0, null);
    }

    public static Recognition boxes(int[] classes, float[] scores, float[] boxes) {
        return new Recognition(BOXES, 0, classes, scores, boxes, null, 0, 0, null);
    }

    public static Recognition vector(float[] vector) {
        return new Recognition(VECTOR, 0, new int[0], new float[0], null, vector, 0, 0, null);
    }

    public static Recognition map(
            int[] classes, float[] shares, int columns, int rows, byte[] cells) {
        return new Recognition(MAP, 0, classes, shares, null, null, columns, rows, cells);
    }

    /** The same, seen in that picture of the APK. */
    Recognition in(int number) {
        return new Recognition(
                kind, number, classes, scores, boxes, vector, columns, rows, cells);
    }

    /** How many entries there are. */
    public int count() {
        return classes.length;
    }
}
