package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import org.junit.Test;

public final class FitTest {
    @Test
    public void cropLiesInTheMiddleOfTheLongerSide() {
        assertArrayEquals(new float[] {0.125f, 0, 0.875f, 1}, Fit.CROP.area(8, 6, 4, 4), 0);
        assertArrayEquals(new float[] {0, 0.25f, 1, 0.75f}, Fit.CROP.area(2, 4, 4, 4), 0);
        // Offsets are rounded down: 1 of 5 columns is left out on the left, 2 on the right.
        assertArrayEquals(new float[] {0.2f, 0, 0.6f, 1}, Fit.CROP.area(5, 2, 4, 4), 1e-7f);
    }

    @Test
    public void stretchIsTheWholePicture() {
        assertArrayEquals(new float[] {0, 0, 1, 1}, Fit.STRETCH.area(640, 480, 300, 300), 0);
    }

    @Test
    public void letterboxReachesBeyondThePicture() {
        // 8 x 4 in 8 x 8: four rows of picture, two of bars above and two below.
        assertArrayEquals(new float[] {0, -0.5f, 1, 1.5f}, Fit.LETTERBOX.area(8, 4, 8, 8), 0);
        assertArrayEquals(new float[] {-0.5f, 0, 1.5f, 1}, Fit.LETTERBOX.area(4, 8, 8, 8), 0);
        assertArrayEquals(new float[] {0, 0, 1, 1}, Fit.LETTERBOX.area(4, 4, 8, 8), 0);
    }

    @Test
    public void letterboxFillsAtLeastOneRow() {
        assertEquals(1, Fit.LETTERBOX.filledRows(1000, 1, 8, 8));
        assertEquals(8, Fit.LETTERBOX.filledColumns(1000, 1, 8, 8));
        assertEquals(1, Fit.LETTERBOX.filledColumns(1, 1 << 20, 1 << 10, 1 << 10));
        assertEquals(1 << 20, Fit.LETTERBOX.filledRows(1, 1 << 20, 1, 1 << 20));
    }

    @Test
    public void detectionAndSegmentationWantTheWholePicture() {
        assertEquals(Fit.STRETCH, Fit.usualFor("detection"));
        assertEquals(Fit.STRETCH, Fit.usualFor("segmentation"));
        assertEquals(Fit.CROP, Fit.usualFor("classification"));
        assertEquals(Fit.CROP, Fit.usualFor("embedding"));
    }

    @Test
    public void fitsAreKnownByTheirNames() {
        for (Fit fit : Fit.values()) {
            assertEquals(fit, Fit.named(fit.word));
        }
        assertNull(Fit.named("CROP"));
    }
}
