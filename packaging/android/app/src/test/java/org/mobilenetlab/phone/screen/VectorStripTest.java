package org.mobilenetlab.phone.screen;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.util.Arrays;
import org.junit.Test;

public class VectorStripTest {
    @Test
    public void shortVectorIsShownAsItIs() {
        float[] vector = {1, -2, 0.5f};
        assertArrayEquals(vector, VectorStrip.cells(vector, 128), 0);
    }

    @Test
    public void cellOfManyValuesShowsTheOneFurthestFromZero() {
        float[] cells = VectorStrip.cells(new float[] {1, -3, 2, 2, 0, 0.5f}, 3);
        assertArrayEquals(new float[] {-3, 2, 0.5f}, cells, 0);
    }

    @Test
    public void longestVectorFillsEveryCell() {
        float[] vector = new float[65_536];
        Arrays.fill(vector, 1);
        for (float cell : VectorStrip.cells(vector, 128)) {
            assertEquals(1, cell, 0);
        }
    }

    @Test
    public void normIsTheRootOfTheSumOfSquares() {
        assertEquals(5, VectorStrip.norm(new float[] {3, -4}), 1e-12);
        assertEquals(0, VectorStrip.norm(new float[1]), 0);
    }

    @Test
    public void signIsAHueAndSizeIsItsStrength() {
        assertEquals(0xffe69f00, VectorStrip.colour(2, 2));
        assertEquals(0xff56b4e9, VectorStrip.colour(-2, 2));
        assertEquals(0x8056b4e9, VectorStrip.colour(-1, 2));
        assertEquals("a vector of zeros", 0x00e69f00, VectorStrip.colour(0, 0));
    }
}
