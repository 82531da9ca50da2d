package org.mobilenetlab.phone.assets;

import static org.junit.Assert.assertEquals;

import java.util.Arrays;
import java.util.Collections;
import org.junit.Test;

public class LabelsTest {
    @Test
    public void eachLineIsALabel() {
        assertEquals(Arrays.asList("background", "tench"), Labels.of("background\ntench\n"));
        assertEquals(Arrays.asList("a", "b"), Labels.of("a\r\nb"));
    }

    @Test
    public void gapsStayGaps() {
        assertEquals(Arrays.asList("person", "", "car"), Labels.of("person\n\ncar\n"));
        assertEquals(Arrays.asList("a", ""), Labels.of("a\n\n"));
    }

    @Test
    public void emptyFileHasNone() {
        assertEquals(Collections.emptyList(), Labels.of(""));
    }
}
