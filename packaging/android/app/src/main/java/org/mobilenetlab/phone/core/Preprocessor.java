package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/**
 * From a camera's picture to the model's input tensor: turn, crop, scale, colour and quantise in
 * one pass over the tensor, as PROTOCOL.md's "From picture to tensor" says.
 *
 * <p>The offset of a pixel in its plane is a sum of one term of its column and one of its row,
 * whichever way the picture is turned; so a table per column and per row is all the geometry
 * there is. One thread; no allocation once the picture's size is known.
 */
public final class Preprocessor {
    /** So that 256 units of {@link #convertPixel} fit into an int. */
    static final int MAX_PIXELS = 1 << 20;

    private final int columns;
    private final int rows;
    private final boolean wholePicture;
    private final byte[] quantised;
    private final byte[] byteTensor;
    private final float[] real;
    private final float[] floatTensor;

    private final Axis horizontal;
    private final Axis vertical;
    private final byte[][] planes = new byte[3][0];
    private final int[] geometry = new int[7];

    /**
     * @param input the model's input, {1, rows, columns, 3}
     * @param wholePicture stretch the whole picture (detection) instead of its centred square
     */
    public Preprocessor(TensorSpec input, boolean wholePicture) {
        rows = input.shape[1];
        columns = input.shape[2];
        this.wholePicture = wholePicture;
        horizontal = new Axis(columns);
        vertical = new Axis(rows);
        boolean isFloat = input.isFloat();
        real = isFloat ? realTable() : null;
        floatTensor = isFloat ? new float[rows * columns * 3] : null;
        quantised = isFloat ? null : quantisedTable(input);
        byteTensor = isFloat ? null : new byte[rows * columns * 3];
    }

    /** Fills {@code tensor} (direct, native order, the input's size) with {@code picture}. */
    public void convert(YuvPicture picture, ByteBuffer tensor) {
        for (int i = 0; i < 3; i++) {
            planes[i] = copy(picture.plane(i), planes[i]);
        }
        layOut(picture);
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                at = convertPixel(row, column, at);
            }
        }
        flush(tensor);
    }

    /** Fills {@code tensor} with a fixed pattern that is the same at every call. */
    public void convertPattern(ByteBuffer tensor) {
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                put(at++, row * 255 / rows);
                put(at++, column * 255 / columns);
                put(at++, (row ^ column) & 0xff);
            }
        }
        flush(tensor);
    }

    /** Bilinear on whole numbers: exact, so that every implementation gives the same bytes. */
    private int convertPixel(int row, int column, int start) {
        int topLeft = rgb(vertical.luma0[row] + horizontal.luma0[column],
                vertical.chroma0[row] + horizontal.chroma0[column]);
        int topRight = rgb(vertical.luma0[row] + horizontal.luma1[column],
                vertical.chroma0[row] + horizontal.chroma1[column]);
        int bottomLeft = rgb(vertical.luma1[row] + horizontal.luma0[column],
                vertical.chroma1[row] + horizontal.chroma0[column]);
        int bottomRight = rgb(vertical.luma1[row] + horizontal.luma1[column],
                vertical.chroma1[row] + horizontal.chroma1[column]);
        int x = horizontal.weight[column];
        int y = vertical.weight[row];
        int acrossUnit = 2 * columns;
        int downUnit = 2 * rows;
        int unit = acrossUnit * downUnit;
        int at = start;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = topLeft >> shift & 0xff;
            int b = topRight >> shift & 0xff;
            int c = bottomLeft >> shift & 0xff;
            int d = bottomRight >> shift & 0xff;
            int top = acrossUnit * a + (b - a) * x;
            int bottom = acrossUnit * c + (d - c) * x;
            put(at++, (downUnit * top + (bottom - top) * y + unit / 2) / unit);
        }
        return at;
    }

    /** Full-range BT.601 in 16-bit fixed point; chroma is taken from the nearest sample. */
    private int rgb(int luma, int chroma) {
        int y = ((planes[0][luma] & 0xff) << 16) + (1 << 15);
        int u = (planes[1][chroma] & 0xff) - 128;
        int v = (planes[2][chroma] & 0xff) - 128;
        int red = clamp((y + 91881 * v) >> 16);
        int green = clamp((y - 22554 * u - 46802 * v) >> 16);
        int blue = clamp((y + 116130 * u) >> 16);
        return red << 16 | green << 8 | blue;
    }

    private static int clamp(int value) {
        return value < 0 ? 0 : Math.min(value, 255);
    }

    private void put(int at, int value) {
        if (floatTensor != null) {
            floatTensor[at] = real[value];
        } else {
            byteTensor[at] = quantised[value];
        }
    }

    private void flush(ByteBuffer tensor) {
        tensor.rewind();
        if (floatTensor != null) {
            tensor.asFloatBuffer().put(floatTensor);
        } else {
            tensor.put(byteTensor);
            tensor.rewind();
        }
    }

    /** Brings the tables up to date if this picture lies otherwise than the last one. */
    private void layOut(YuvPicture picture) {
        int w = picture.width();
        int h = picture.height();
        int turned = picture.rotation();
        int lumaRow = picture.rowStride(0);
        int lumaPixel = picture.pixelStride(0);
        int chromaRow = picture.rowStride(1);
        int chromaPixel = picture.pixelStride(1);
        if (sameGeometry(w, h, turned, lumaRow, lumaPixel, chromaRow, chromaPixel)) {
            return;
        }
        boolean sideways = turned % 180 != 0;
        int uprightWidth = sideways ? h : w;
        int uprightHeight = sideways ? w : h;
        int square = Math.min(w, h);
        int cropWidth = wholePicture ? uprightWidth : square;
        int cropHeight = wholePicture ? uprightHeight : square;
        horizontal.sample((uprightWidth - cropWidth) / 2, cropWidth);
        vertical.sample((uprightHeight - cropHeight) / 2, cropHeight);
        // Upright column and row -> the sensor's own; 90 means: the sensor's left is upright's top.
        if (sideways) {
            horizontal.place(h, turned == 90, lumaRow, chromaRow);
            vertical.place(w, turned == 270, lumaPixel, chromaPixel);
        } else {
            horizontal.place(w, turned == 180, lumaPixel, chromaPixel);
            vertical.place(h, turned == 180, lumaRow, chromaRow);
        }
    }

    private boolean sameGeometry(int... now) {
        boolean same = true;
        for (int i = 0; i < now.length; i++) {
            same &= geometry[i] == now[i];
            geometry[i] = now[i];
        }
        return same;
    }

    private static byte[] copy(ByteBuffer plane, byte[] scratch) {
        plane.rewind();
        int size = plane.remaining();
        byte[] bytes = scratch.length >= size ? scratch : new byte[size];
        plane.get(bytes, 0, size);
        return bytes;
    }

    private static float[] realTable() {
        float[] table = new float[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (v - 127.5f) / 127.5f;
        }
        return table;
    }

    private static byte[] quantisedTable(TensorSpec input) {
        boolean unsigned = TensorSpec.UINT8.equals(input.dtype);
        boolean verbatim = unsigned
                && (near(input.scale, 1 / 128.0) || near(input.scale, 1 / 127.5))
                && (input.zeroPoint == 127 || input.zeroPoint == 128);
        int lowest = unsigned ? 0 : -128;
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            double value = (v - 127.5) / 127.5 / input.scale;
            long rounded = (long) Math.floor(value + 0.5) + input.zeroPoint;
            long clamped = Math.max(lowest, Math.min(lowest + 255, rounded));
            table[v] = (byte) (verbatim ? v : clamped);
        }
        return table;
    }

    private static boolean near(double value, double wanted) {
        return Math.abs(value - wanted) <= 0.01 * wanted;
    }

    /** The two neighbours of each output column (or row), where they lie, and their weight. */
    private static final class Axis {
        /** Of the second neighbour, in units of 1 / (2 size). */
        final int[] weight;
        final int[] luma0;
        final int[] luma1;
        final int[] chroma0;
        final int[] chroma1;

        Axis(int size) {
            weight = new int[size];
            luma0 = new int[size];
            luma1 = new int[size];
            chroma0 = new int[size];
            chroma1 = new int[size];
        }

        /** Half-pixel centres, clamped to the crop; luma0 and luma1 hold upright coordinates. */
        void sample(int offset, int length) {
            int unit = 2 * weight.length;
            for (int i = 0; i < weight.length; i++) {
                int centre = (2 * i + 1) * length - weight.length;
                int at = Math.max(0, Math.min((length - 1) * unit, centre));
                int first = at / unit;
                weight[i] = at % unit;
                luma0[i] = offset + first;
                luma1[i] = offset + Math.min(first + 1, length - 1);
            }
        }

        /** From upright coordinates to offsets in the planes. */
        void place(int side, boolean mirrored, int lumaStride, int chromaStride) {
            for (int i = 0; i < weight.length; i++) {
                int first = mirrored ? side - 1 - luma0[i] : luma0[i];
                int second = mirrored ? side - 1 - luma1[i] : luma1[i];
                luma0[i] = first * lumaStride;
                luma1[i] = second * lumaStride;
                chroma0[i] = first / 2 * chromaStride;
                chroma1[i] = second / 2 * chromaStride;
            }
        }
    }
}
