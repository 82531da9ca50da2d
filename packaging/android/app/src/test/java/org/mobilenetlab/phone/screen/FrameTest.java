package org.mobilenetlab.phone.screen;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class FrameTest {
    private static final float CLOSE = 1e-3f;
    private static final float[] ALL = {0, 0, 1, 1};

    private static float[] corner(float[] matrix, float x, float y) {
        return new float[] {matrix[0] * x + matrix[1] * y + matrix[2],
            matrix[3] * x + matrix[4] * y + matrix[5]};
    }

    @Test
    public void pictureLiesUndistortedInTheMiddleOfItsArea() {
        Frame frame = Frame.within(0, 100, 400, 1100, 480, 640, false);
        assertEquals(0, frame.left, CLOSE);
        assertEquals(400, frame.right, CLOSE);
        assertEquals(640.0 / 480, (frame.bottom - frame.top) / (frame.right - frame.left), CLOSE);
        assertEquals(600, (frame.top + frame.bottom) / 2, CLOSE);
    }

    @Test
    public void noAreaIsNoFrame() {
        assertTrue(Frame.within(0, 50, 400, 40, 640, 480, false).isEmpty());
        assertTrue(Frame.NONE.isEmpty());
    }

    @Test
    public void boxLiesWhereTheInputLiesOnThePicture() {
        Frame frame = Frame.within(0, 0, 640, 480, 640, 480, false);
        float[] crop = {0.125f, 0, 0.875f, 1}; // the centred square of 4 : 3
        assertArrayEquals(new float[] {80, 0, 320, 240},
                frame.place(crop, new float[] {0, 0, 0.5f, 0.5f}, 0), CLOSE);
    }

    @Test
    public void boxInLetterboxMayLieInTheBars() {
        Frame frame = Frame.within(0, 0, 640, 480, 640, 480, false);
        float[] letterbox = {0, -1 / 6f, 1, 7 / 6f};
        assertArrayEquals(new float[] {0, -80, 640, 560}, frame.place(letterbox, ALL, 0), CLOSE);
    }

    @Test
    public void mirrorSwapsLeftAndRightOfABox() {
        Frame frame = Frame.within(100, 0, 740, 480, 640, 480, true);
        float[] box = {9, 9, 0.25f, 0.1f, 0.5f, 0.2f}; // the second entry of some
        assertArrayEquals(new float[] {100 + 512, 120, 100 + 576, 240},
                frame.place(ALL, box, 2), CLOSE);
    }

    @Test
    public void textureKeepsItsCornersWhereThePhoneIsHeldNaturally() {
        Frame frame = Frame.within(0, 100, 900, 1700, 480, 640, false);
        float[] matrix = frame.textureMatrix(900, 2000, 480, 640, 0);
        assertArrayEquals(new float[] {frame.left, frame.top}, corner(matrix, 0, 0), CLOSE);
        assertArrayEquals(
                new float[] {frame.right, frame.bottom}, corner(matrix, 900, 2000), CLOSE);
    }

    @Test
    public void textureTurnsAgainstTheDisplay() {
        Frame wide = Frame.within(0, 100, 1200, 900, 640, 480, false);
        float[] left = wide.textureMatrix(2000, 900, 480, 640, 90);
        assertArrayEquals(new float[] {wide.left, wide.bottom}, corner(left, 0, 0), CLOSE);
        assertArrayEquals(new float[] {wide.left, wide.top}, corner(left, 2000, 0), CLOSE);
        assertArrayEquals(new float[] {wide.right, wide.top}, corner(left, 2000, 900), CLOSE);
        float[] right = wide.textureMatrix(2000, 900, 480, 640, 270);
        assertArrayEquals(new float[] {wide.right, wide.top}, corner(right, 0, 0), CLOSE);
        assertArrayEquals(new float[] {wide.right, wide.bottom}, corner(right, 2000, 0), CLOSE);
        Frame high = Frame.within(0, 100, 900, 1700, 480, 640, false);
        float[] half = high.textureMatrix(900, 2000, 480, 640, 180);
        assertArrayEquals(new float[] {high.right, high.bottom}, corner(half, 0, 0), CLOSE);
        assertArrayEquals(new float[] {high.left, high.top}, corner(half, 900, 2000), CLOSE);
    }
}
