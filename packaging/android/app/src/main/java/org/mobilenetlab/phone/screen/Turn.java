package org.mobilenetlab.phone.screen;

/** Quarter turns between a camera's sensor, the phone and its display, in degrees clockwise. */
public final class Turn {
    public static final int QUARTER = 90;
    public static final int HALF = 180;
    private static final int FULL = 360;

    private Turn() {
    }

    /**
     * How far a camera's picture must be turned to stand upright.
     *
     * <p>A sensor tells by how much its picture must be turned while the phone is held in its
     * natural way. A display that says 90 was turned so because the phone lies on its left side:
     * what a back camera sees stands 90 less, what a front camera sees, which looks the other way,
     * 90 more.
     *
     * @param sensor Android's SENSOR_ORIENTATION
     * @param display how far the display's content is turned: Display.getRotation times 90
     * @param front whether the camera looks at who holds the phone
     * @return 0, 90, 180 or 270
     */
    public static int ofPicture(int sensor, int display, boolean front) {
        return Math.floorMod(front ? sensor + display : sensor - display, FULL);
    }

    /** Whether so far a turn makes width of height. */
    public static boolean isSideways(int degrees) {
        return degrees % HALF != 0;
    }
}
