package org.mobilenetlab.phone.core;

/** A picture that stands upright already, as those in the APK do. Its bytes are not changed. */
public final class RgbPicture {
    public final int width;
    public final int height;
    /** Three bytes per pixel, row by row from the top left. */
    public final byte[] rgb;

    public RgbPicture(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    rgb.length + " bytes for " + width + " x " + height);
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }
}
