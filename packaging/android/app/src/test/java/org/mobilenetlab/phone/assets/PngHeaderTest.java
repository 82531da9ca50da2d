package org.mobilenetlab.phone.assets;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import org.junit.Test;

public class PngHeaderTest {
    private static byte[] png(int width, int height, int depth, int colours) {
        return ByteBuffer.allocate(PngHeader.BYTES).putLong(0x89504e470d0a1a0aL).putInt(13)
                .put(new byte[] {'I', 'H', 'D', 'R'}).putInt(width).putInt(height)
                .put((byte) depth).put((byte) colours).array();
    }

    private static String fault(int width, int height, int depth, int colours) {
        return PngHeader.read(png(width, height, depth, colours)).fault();
    }

    @Test
    public void rgbAndGreyOfUpToAMegapixelAreTaken() {
        assertNull(fault(320, 240, 8, 2));
        assertNull(fault(1024, 1024, 8, 0));
        assertEquals(320, PngHeader.read(png(320, 240, 8, 2)).width);
        assertEquals(240, PngHeader.read(png(320, 240, 8, 2)).height);
    }

    @Test
    public void largerPicturesAreRefused() {
        assertTrue(fault(1025, 1024, 8, 2).contains("1025 x 1024"));
        assertTrue(fault(0, 10, 8, 2).contains("pixels"));
        assertTrue(fault(65_536, 65_536, 8, 2).contains("pixels"));
        assertTrue(fault(-1, -1, 8, 2).contains("pixels"));
    }

    @Test
    public void transparencyPalettesAndDepthsAreRefused() {
        assertTrue(fault(8, 8, 8, 6).contains("neither RGB nor grey"));
        assertTrue(fault(8, 8, 8, 3).contains("neither RGB nor grey"));
        assertTrue(fault(8, 8, 16, 2).contains("16 bits"));
    }

    @Test
    public void otherFilesAreNoPng() {
        assertNull(PngHeader.read(new byte[PngHeader.BYTES]));
        assertNull(PngHeader.read(new byte[3]));
        byte[] other = png(8, 8, 8, 2);
        other[12] = 'C';
        assertNull(PngHeader.read(other));
    }
}
