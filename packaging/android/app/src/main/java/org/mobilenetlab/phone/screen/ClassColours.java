package org.mobilenetlab.phone.screen;

/** One colour per class, the same on every phone: what a map is painted with. */
public final class ClassColours {
    public static final int OPAQUE = 0xff000000;

    /** Okabe and Ito's, which people of every colour vision tell apart. */
    private static final int[] FIRST = {
        0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7};
    /** The golden angle: no two of many hues come to lie close together. */
    private static final float STEP_DEGREES = 137.50776f;

    private ClassColours() {
    }

    /** Red, green and blue of a class, without transparency. */
    public static int of(int index) {
        if (index < FIRST.length) {
            return OPAQUE | FIRST[Math.max(0, index)];
        }
        float hue = index * STEP_DEGREES % 360 / 60;
        float strength = index % 2 == 0 ? 0.9f : 0.6f;
        int red = channel(hue + 5, strength);
        int green = channel(hue + 3, strength);
        int blue = channel(hue + 1, strength);
        return OPAQUE | red << 16 | green << 8 | blue;
    }

    /** HSV at full brightness: k is 5, 3 or 1 sixths before red, green or blue. */
    private static int channel(float k, float strength) {
        float at = k % 6;
        float ramp = Math.max(0, Math.min(1, Math.min(at, 4 - at)));
        return Math.round(255 * (1 - strength * ramp));
    }

    /**
     * Paints a map.
     *
     * @param cells the class of each cell, unsigned
     * @param alpha 0 to 255
     * @param into at least as long as {@code cells}: transparent red, green, blue of each
     */
    public static void paint(byte[] cells, int alpha, int[] into) {
        int[] colours = new int[256];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = of(i) & ~OPAQUE | alpha << 24;
        }
        for (int i = 0; i < cells.length; i++) {
            into[i] = colours[cells[i] & 0xff];
        }
    }
}
