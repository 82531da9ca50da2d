package org.mobilenetlab.phone.screen;

/** Where an upright picture lies on the screen; pixels of the view that shows it. */
public final class Frame {
    /** No picture anywhere. */
    public static final Frame NONE = new Frame(0, 0, 0, 0, 1, 1, false);

    public final float left;
    public final float top;
    public final float right;
    public final float bottom;
    /** The picture's own size. */
    public final int pictureWidth;
    public final int pictureHeight;
    /** Whether it is shown as in a mirror; what the model sees never is. */
    public final boolean mirrored;

    private Frame(float left, float top, float right, float bottom, int pictureWidth,
            int pictureHeight, boolean mirrored) {
        this.left = left;
        this.top = top;
        this.right = right;
        this.bottom = bottom;
        this.pictureWidth = pictureWidth;
        this.pictureHeight = pictureHeight;
        this.mirrored = mirrored;
    }

    /** The largest undistorted place for a picture of width x height in the middle of an area. */
    public static Frame within(float areaLeft, float areaTop, float areaRight, float areaBottom,
            int width, int height, boolean mirrored) {
        float scale = Math.min((areaRight - areaLeft) / width, (areaBottom - areaTop) / height);
        if (!(scale > 0)) {
            return NONE;
        }
        float x = (areaLeft + areaRight) / 2;
        float y = (areaTop + areaBottom) / 2;
        float halfWidth = scale * width / 2;
        float halfHeight = scale * height / 2;
        return new Frame(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight,
                width, height, mirrored);
    }

    public boolean isEmpty() {
        return right <= left || bottom <= top;
    }

    /**
     * Where a part of the model's input lies on the screen.
     *
     * @param input left, top, right, bottom of the whole input as fractions of the picture
     * @param box top, left, bottom, right of the part as fractions of the input, from {@code at} on
     * @return left, top, right, bottom in pixels
     */
    public float[] place(float[] input, float[] box, int at) {
        float width = input[2] - input[0];
        float height = input[3] - input[1];
        float from = x(input[0] + box[at + 1] * width);
        float to = x(input[0] + box[at + 3] * width);
        return new float[] {Math.min(from, to), y(input[1] + box[at] * height),
            Math.max(from, to), y(input[1] + box[at + 2] * height)};
    }

    private float x(float fraction) {
        return left + (mirrored ? 1 - fraction : fraction) * (right - left);
    }

    private float y(float fraction) {
        return top + fraction * (bottom - top);
    }

    /**
     * What a TextureView must be told so that the camera's picture lies in this frame.
     *
     * <p>A TextureView stretches the picture, upright for the phone's natural way of being held
     * (and mirrored already where it is a front camera's), over its whole area. This takes the
     * stretching back, turns against the display's own turn, scales, and moves.
     *
     * @param viewWidth of the TextureView, in pixels; likewise its height
     * @param width of the picture when the phone is held its natural way; likewise its height
     * @return nine numbers as Matrix.setValues takes them
     */
    public float[] textureMatrix(
            int viewWidth, int viewHeight, int width, int height, int displayDegrees) {
        boolean sideways = Turn.isSideways(displayDegrees);
        float scale = (right - left) / (sideways ? height : width);
        float across = scale * width / viewWidth;
        float down = scale * height / viewHeight;
        int sine = displayDegrees == 90 ? -1 : displayDegrees == 270 ? 1 : 0;
        int cosine = displayDegrees == 0 ? 1 : displayDegrees == 180 ? -1 : 0;
        float a = cosine * across;
        float b = -sine * down;
        float c = sine * across;
        float d = cosine * down;
        float x = viewWidth / 2f;
        float y = viewHeight / 2f;
        return new float[] {
            a, b, (left + right) / 2 - a * x - b * y,
            c, d, (top + bottom) / 2 - c * x - d * y,
            0, 0, 1};
    }
}
