package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/** A picture in memory; odd strides on purpose. */
final class TestPicture implements YuvPicture {
    final int width;
    final int height;
    final int rotation;
    final ByteBuffer y;
    final ByteBuffer u;
    final ByteBuffer v;
    volatile boolean closed;

    TestPicture(int width, int height, int rotation) {
        this.width = width;
        this.height = height;
        this.rotation = rotation;
        y = ByteBuffer.allocateDirect(rowStride(0) * height);
        u = ByteBuffer.allocateDirect(rowStride(1) * ((height + 1) / 2));
        v = ByteBuffer.allocateDirect(rowStride(2) * ((height + 1) / 2));
    }

    void set(int column, int row, int luma, int blue, int red) {
        y.put(row * rowStride(0) + column, (byte) luma);
        u.put(row / 2 * rowStride(1) + column / 2 * 2, (byte) blue);
        v.put(row / 2 * rowStride(2) + column / 2 * 2, (byte) red);
    }

    void fill(int luma, int blue, int red) {
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                set(column, row, luma, blue, red);
            }
        }
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int rotation() {
        return rotation;
    }

    @Override
    public ByteBuffer plane(int index) {
        return index == 0 ? y : index == 1 ? u : v;
    }

    @Override
    public int rowStride(int index) {
        return width + (index == 0 ? 3 : 4);
    }

    @Override
    public int pixelStride(int index) {
        return index == 0 ? 1 : 2;
    }

    @Override
    public long capturedNs() {
        return 1;
    }

    @Override
    public long heldNs() {
        return 3;
    }

    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException("closed twice");
        }
        closed = true;
    }
}
