package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.Test;

public final class PreprocessorTest {
    private static final TensorSpec VERBATIM = spec(2, TensorSpec.UINT8, 1 / 128f, 128);

    private static TensorSpec spec(int side, String dtype, float scale, int zeroPoint) {
        return new TensorSpec(new int[] {1, side, side, 3}, dtype, scale, zeroPoint);
    }

    private static int[] reds(TensorSpec spec, YuvPicture picture, Fit fit) {
        ByteBuffer tensor = Tensors.room(spec);
        new Preprocessor(spec, fit).convert(picture, tensor);
        int[] reds = new int[spec.elements() / 3];
        for (int i = 0; i < reds.length; i++) {
            reds[i] = tensor.get(3 * i) & 0xff;
        }
        return reds;
    }

    /** Grey 10 20 / 30 40 in the sensor's own orientation. */
    private static TestPicture four(int rotation) {
        TestPicture picture = new TestPicture(2, 2, rotation);
        picture.set(0, 0, 10, 128, 128);
        picture.set(1, 0, 20, 128, 128);
        picture.set(0, 1, 30, 128, 128);
        picture.set(1, 1, 40, 128, 128);
        return picture;
    }

    @Test
    public void pictureIsTurnedClockwiseUntilItStands() {
        assertArrayEquals(new int[] {10, 20, 30, 40}, reds(VERBATIM, four(0), Fit.CROP));
        assertArrayEquals(new int[] {30, 10, 40, 20}, reds(VERBATIM, four(90), Fit.CROP));
        assertArrayEquals(new int[] {40, 30, 20, 10}, reds(VERBATIM, four(180), Fit.CROP));
        assertArrayEquals(new int[] {20, 40, 10, 30}, reds(VERBATIM, four(270), Fit.CROP));
    }

    @Test
    public void largestCentredSquareIsTakenWithOffsetsRoundedDown() {
        TestPicture wide = new TestPicture(5, 2, 0);
        for (int column = 0; column < 5; column++) {
            wide.set(column, 0, 10 * column, 128, 128);
            wide.set(column, 1, 10 * column, 128, 128);
        }
        assertArrayEquals(new int[] {10, 20, 10, 20}, reds(VERBATIM, wide, Fit.CROP));
    }

    @Test
    public void detectorsGetTheWholePictureStretched() {
        TestPicture wide = new TestPicture(4, 2, 0);
        for (int column = 0; column < 4; column++) {
            wide.set(column, 0, 40 * column, 128, 128);
            wide.set(column, 1, 40 * column, 128, 128);
        }
        // Half-pixel centres: 0.5 and 2.5 of columns 0, 40, 80, 120.
        assertArrayEquals(new int[] {20, 100, 20, 100}, reds(VERBATIM, wide, Fit.STRETCH));
    }

    @Test
    public void enlargingIsBilinearWithHalfPixelCentres() {
        TensorSpec four = spec(4, TensorSpec.UINT8, 1 / 128f, 128);
        int[] reds = reds(four, four(0), Fit.CROP);
        // Columns at -0.25 (clamped), 0.25, 0.75, 1.25 (clamped); rows likewise.
        assertArrayEquals(new int[] {10, 13, 18, 20}, Arrays.copyOf(reds, 4));
        assertEquals(18, reds[5]); // 10 + 0.25 * 10 + 0.25 * 20 = 17.5, rounded half up
    }

    @Test
    public void colourIsFullRangeBt601InRgbOrder() {
        TestPicture red = new TestPicture(2, 2, 0);
        red.fill(76, 85, 255);
        ByteBuffer tensor = Tensors.room(VERBATIM);
        new Preprocessor(VERBATIM, Fit.CROP).convert(red, tensor);
        assertEquals(254, tensor.get(0) & 0xff);
        assertEquals(0, tensor.get(1) & 0xff);
        assertEquals(0, tensor.get(2) & 0xff);
    }

    @Test
    public void floatInputIsMinusOneToOne() {
        TensorSpec spec = spec(2, TensorSpec.FLOAT32, 0, 0);
        TestPicture grey = new TestPicture(2, 2, 0);
        grey.fill(255, 128, 128);
        ByteBuffer tensor = Tensors.room(spec);
        new Preprocessor(spec, Fit.CROP).convert(grey, tensor);
        assertEquals(1f, tensor.getFloat(0), 0);
        grey.fill(0, 128, 128);
        new Preprocessor(spec, Fit.CROP).convert(grey, tensor);
        assertEquals(-1f, tensor.getFloat(0), 0);
    }

    @Test
    public void quantisedInputUsesTheModelsOwnScale() {
        assertQuantised(0.0078125f, 0, new int[][] {{0, -128}, {127, -1}, {128, 1}, {255, 127}});
    }

    /** With this scale every byte is nearly a tie: the float's own value decides, as a double. */
    @Test
    public void scaleIsTakenAsTheFileHoldsIt() {
        assertQuantised(1 / 127.5f, -1, new int[][] {{0, -128}, {127, -1}, {128, -1}, {255, 126}});
    }

    private static void assertQuantised(float scale, int zeroPoint, int[][] wanted) {
        TensorSpec spec = spec(2, TensorSpec.INT8, scale, zeroPoint);
        TestPicture grey = new TestPicture(2, 2, 0);
        ByteBuffer tensor = Tensors.room(spec);
        for (int[] pair : wanted) {
            grey.fill(pair[0], 128, 128);
            new Preprocessor(spec, Fit.CROP).convert(grey, tensor);
            assertEquals("of " + pair[0], pair[1], tensor.get(0));
        }
    }

    @Test
    public void oldUint8ModelsGetTheBytesThemselves() {
        TensorSpec near = spec(2, TensorSpec.UINT8, 0.0078125f * 1.005f, 127);
        TestPicture grey = new TestPicture(2, 2, 0);
        grey.fill(200, 128, 128);
        assertArrayEquals(new int[] {200, 200, 200, 200}, reds(near, grey, Fit.CROP));
        TensorSpec other = spec(2, TensorSpec.UINT8, 0.02f, 128);
        assertArrayEquals(new int[] {156, 156, 156, 156}, reds(other, grey, Fit.CROP));
    }

    @Test
    public void letterboxIsBlackAroundThePicture() {
        TestPicture wide = new TestPicture(4, 2, 0);
        wide.fill(200, 128, 128);
        TensorSpec four = spec(4, TensorSpec.UINT8, 1 / 128f, 128);
        assertArrayEquals(
                new int[] {0, 0, 0, 0, 200, 200, 200, 200, 200, 200, 200, 200, 0, 0, 0, 0},
                reds(four, wide, Fit.LETTERBOX));
        TensorSpec other = spec(4, TensorSpec.UINT8, 0.02f, 128); // where black is not 0
        assertEquals(78, reds(other, wide, Fit.LETTERBOX)[0]);
    }

    @Test
    public void barsAreBlackAgainAfterAnotherPicture() {
        TensorSpec four = spec(4, TensorSpec.UINT8, 1 / 128f, 128);
        Preprocessor preprocessor = new Preprocessor(four, Fit.LETTERBOX);
        ByteBuffer tensor = Tensors.room(four);
        TestPicture square = new TestPicture(4, 4, 0);
        square.fill(200, 128, 128);
        preprocessor.convert(square, tensor);
        assertEquals(200, tensor.get(0) & 0xff);
        TestPicture wide = new TestPicture(4, 2, 0);
        wide.fill(200, 128, 128);
        preprocessor.convert(wide, tensor);
        assertEquals(0, tensor.get(0));
        preprocessor.convertPattern(tensor);
        preprocessor.convert(wide, tensor);
        assertEquals(0, tensor.get(3));
    }

    @Test
    public void rgbIsTakenAsItIs() {
        RgbPicture picture = new RgbPicture(2, 2,
                new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, (byte) 250, 11, 12});
        ByteBuffer tensor = Tensors.room(VERBATIM);
        Preprocessor preprocessor = new Preprocessor(VERBATIM, Fit.CROP);
        preprocessor.convert(picture, tensor);
        byte[] bytes = new byte[12];
        tensor.get(bytes);
        assertArrayEquals(picture.rgb, bytes);
        preprocessor.convert(four(90), tensor); // and a camera's again after it
        assertEquals(30, tensor.get(0));
        preprocessor.convert(picture, tensor);
        assertEquals(1, tensor.get(0));
    }

    @Test
    public void longestPicturesAndInputsDoNotOverflow() {
        int length = Preprocessor.MAX_PIXELS;
        byte[] rgb = new byte[3 * length];
        Arrays.fill(rgb, 3 * (length - 1), 3 * length, (byte) 200);
        TensorSpec line = new TensorSpec(
                new int[] {1, 1, length, 3}, TensorSpec.UINT8, 1 / 128f, 128);
        ByteBuffer tensor = Tensors.room(line);
        new Preprocessor(line, Fit.STRETCH).convert(new RgbPicture(length, 1, rgb), tensor);
        assertEquals(200, tensor.get(3 * (length - 1)) & 0xff);
        assertEquals(0, tensor.get(3 * (length - 2)));
    }

    @Test(expected = IllegalArgumentException.class)
    public void rgbPictureHasJustItsBytes() {
        new RgbPicture(2, 2, new byte[11]);
    }

    @Test
    public void geometryFollowsThePicture() {
        Preprocessor preprocessor = new Preprocessor(VERBATIM, Fit.CROP);
        ByteBuffer tensor = Tensors.room(VERBATIM);
        preprocessor.convert(four(0), tensor);
        preprocessor.convert(four(180), tensor);
        assertEquals(40, tensor.get(0));
    }
}
