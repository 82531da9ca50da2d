package org.mobilenetlab.phone.screen;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.Test;

public class ClassColoursTest {
    @Test
    public void firstClassesHaveColoursForEveryColourVision() {
        assertEquals(0xffe69f00, ClassColours.of(0));
        assertEquals(0xff56b4e9, ClassColours.of(1));
    }

    @Test
    public void noTwoClassesShareAColour() {
        Set<Integer> colours = new HashSet<>();
        for (int index = 0; index < 256; index++) {
            int colour = ClassColours.of(index);
            assertEquals("opaque", 0xff, colour >>> 24);
            colours.add(colour);
        }
        assertEquals(256, colours.size());
    }

    @Test
    public void cellsArePaintedByTheirUnsignedClass() {
        int[] painted = new int[3];
        ClassColours.paint(new byte[] {0, (byte) 200}, 0x80, painted);
        int[] expected = {0x80e69f00, 0x80 << 24 | ClassColours.of(200) & 0xffffff, 0};
        assertArrayEquals(expected, painted);
    }
}
