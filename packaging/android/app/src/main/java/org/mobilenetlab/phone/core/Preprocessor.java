package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * From a picture to the model's input tensor: turn, fit, scale, colour and quantise in one pass
 * over the tensor, as PROTOCOL.md's "From picture to tensor" says.
 *
 * <p>The offset of a pixel in its plane is a sum of one term of its column and one of its row,
 * whichever way the picture is turned; so a table per column and per row is all the geometry
 * there is. One thread; no allocation once the picture's size is known.
 */
public final class Preprocessor {
    /** So that 256 units of {@link #convertPixel} fit into an int. */
    static final int MAX_PIXELS = 1 << 20;

    private static final int GEOMETRY = 7;

    private final int columns;
    private final int rows;
    private final Fit fit;
    private final byte[] quantised;
    private final byte[] byteTensor;
    private final float[] real;
    private final float[] floatTensor;

    private final ResizeAxis horizontal;
    private final ResizeAxis vertical;
    private final int[] geometry = new int[GEOMETRY];
    private final byte[][] planes = new byte[3][0];
    /** The bytes of an RGB picture while one is converted; null for a camera's planes. */
    private byte[] rgb;

    /** @param input the model's input, {1, rows, columns, 3} */
    public Preprocessor(TensorSpec input, Fit fit) {
        rows = input.shape[1];
        columns = input.shape[2];
        this.fit = fit;
        horizontal = new ResizeAxis(columns);
        vertical = new ResizeAxis(rows);
        boolean isFloat = input.isFloat();
        real = isFloat ? realTable() : null;
        floatTensor = isFloat ? new float[rows * columns * 3] : null;
        quantised = isFloat ? null : quantisedTable(input);
        byteTensor = isFloat ? null : new byte[rows * columns * 3];
    }

    /** Fills {@code tensor} (direct, native order, the input's size) with a camera's picture. */
    public void convert(YuvPicture picture, ByteBuffer tensor) {
        for (int i = 0; i < 3; i++) {
            planes[i] = copy(picture.plane(i), planes[i]);
        }
        layOut(picture.width(), picture.height(), picture.rotation(), picture.rowStride(0),
                picture.pixelStride(0), picture.rowStride(1), picture.pixelStride(1));
        resize(tensor);
    }

    /** Fills {@code tensor} with a picture that stands upright. */
    public void convert(RgbPicture picture, ByteBuffer tensor) {
        layOut(picture.width, picture.height, 0, 3 * picture.width, 3, 0, 0);
        rgb = picture.rgb;
        resize(tensor);
        rgb = null;
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

    private void resize(ByteBuffer tensor) {
        if (horizontal.size < columns || vertical.size < rows) {
            blacken(); // the bars of a letterbox
        }
        int left = (columns - horizontal.size) / 2;
        int top = (rows - vertical.size) / 2;
        for (int row = 0; row < vertical.size; row++) {
            int at = 3 * ((top + row) * columns + left);
            for (int column = 0; column < horizontal.size; column++) {
                at = convertPixel(row, column, at);
            }
        }
        flush(tensor);
    }

    private void blacken() {
        if (floatTensor != null) {
            Arrays.fill(floatTensor, real[0]);
        } else {
            Arrays.fill(byteTensor, quantised[0]);
        }
    }

    /** Bilinear on whole numbers: exact, so that every implementation gives the same bytes. */
    private int convertPixel(int row, int column, int start) {
        int topLeft = pixel(vertical.luma0[row] + horizontal.luma0[column],
                vertical.chroma0[row] + horizontal.chroma0[column]);
        int topRight = pixel(vertical.luma0[row] + horizontal.luma1[column],
                vertical.chroma0[row] + horizontal.chroma1[column]);
        int bottomLeft = pixel(vertical.luma1[row] + horizontal.luma0[column],
                vertical.chroma1[row] + horizontal.chroma0[column]);
        int bottomRight = pixel(vertical.luma1[row] + horizontal.luma1[column],
                vertical.chroma1[row] + horizontal.chroma1[column]);
        int x = horizontal.weight[column];
        int y = vertical.weight[row];
        int acrossUnit = 2 * horizontal.size;
        int downUnit = 2 * vertical.size;
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

    private int pixel(int luma, int chroma) {
        if (rgb == null) {
            return fromYuv(luma, chroma);
        }
        return (rgb[luma] & 0xff) << 16 | (rgb[luma + 1] & 0xff) << 8 | rgb[luma + 2] & 0xff;
    }

    /** Full-range BT.601 in 16-bit fixed point; chroma is taken from the nearest sample. */
    private int fromYuv(int luma, int chroma) {
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
    private void layOut(int width, int height, int turned, int lumaRow, int lumaPixel,
            int chromaRow, int chromaPixel) {
        boolean changed = note(0, width) | note(1, height) | note(2, turned) | note(3, lumaRow)
                | note(4, lumaPixel) | note(5, chromaRow) | note(6, chromaPixel);
        if (!changed) {
            return;
        }
        boolean sideways = turned % 180 != 0;
        int uprightWidth = sideways ? height : width;
        int uprightHeight = sideways ? width : height;
        int square = Math.min(width, height);
        int takenWidth = fit == Fit.CROP ? square : uprightWidth;
        int takenHeight = fit == Fit.CROP ? square : uprightHeight;
        horizontal.sample((uprightWidth - takenWidth) / 2, takenWidth,
                fit.filledColumns(uprightWidth, uprightHeight, columns, rows));
        vertical.sample((uprightHeight - takenHeight) / 2, takenHeight,
                fit.filledRows(uprightWidth, uprightHeight, columns, rows));
        // Upright column and row -> the sensor's own; 90 means: the sensor's left is upright's top.
        if (sideways) {
            horizontal.place(height, turned == 90, lumaRow, chromaRow);
            vertical.place(width, turned == 270, lumaPixel, chromaPixel);
        } else {
            horizontal.place(width, turned == 180, lumaPixel, chromaPixel);
            vertical.place(height, turned == 180, lumaRow, chromaRow);
        }
    }

    /** Keeps one number of the geometry; returns whether it was another one. */
    private boolean note(int index, int value) {
        boolean changed = geometry[index] != value;
        geometry[index] = value;
        return changed;
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
}
