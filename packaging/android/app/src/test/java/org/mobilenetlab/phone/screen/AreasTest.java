package org.mobilenetlab.phone.screen;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class AreasTest {
    private static void assertApart(Areas areas) {
        Frame frame = areas.frame(640, 480, false);
        assertTrue(frame.left >= 0 && frame.top >= areas.top);
        assertTrue(frame.right <= areas.width && frame.bottom <= areas.height);
        assertTrue(frame.right <= areas.panelLeft || frame.bottom <= areas.panelTop);
    }

    @Test
    public void panelLiesUnderThePictureOfAHighScreen() {
        Areas areas = new Areas(1080, 1920, 190, 3);
        assertEquals(0, areas.panelLeft, 0);
        assertEquals(areas.panelTop, areas.pictureBottom, 0);
        assertApart(areas);
    }

    @Test
    public void panelLiesBesideThePictureOfAWideScreen() {
        Areas areas = new Areas(1920, 1080, 190, 3);
        assertEquals(areas.panelLeft, areas.pictureRight, 0);
        assertTrue("a panel for the back row", areas.width - areas.panelLeft >= 280 * 3);
        assertApart(areas);
    }

    @Test
    public void nothingIsNegativeOnTheSmallestWindow() {
        for (float side : new float[] {0, 1, 100}) {
            Areas areas = new Areas(side, side, 200, 3);
            assertTrue(areas.panelTop >= 0 && areas.top <= areas.height);
            assertTrue(areas.frame(640, 480, false).isEmpty());
        }
    }
}
