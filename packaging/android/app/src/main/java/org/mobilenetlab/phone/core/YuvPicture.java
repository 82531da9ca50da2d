package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/**
 * One picture of a camera in YUV 4:2:0, full range BT.601, as Android's YUV_420_888.
 *
 * <p>Whoever takes it closes it, once.
 */
public interface YuvPicture {
    int width();

    int height();

    /** Degrees clockwise (0, 90, 180, 270) that the picture must be turned to stand upright. */
    int rotation();

    /** Plane 0, 1 or 2: Y, U, V. Its position and limit are the caller's to change. */
    ByteBuffer plane(int index);

    /** Bytes from one row of the plane to the next. */
    int rowStride(int index);

    /** Bytes from one pixel of the plane to the next. */
    int pixelStride(int index);

    /** When the picture was taken. */
    long capturedNs();

    /** When the app got hold of it. */
    long heldNs();

    void close();
}
