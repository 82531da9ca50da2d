package org.mobilenetlab.phone.assets;

import java.nio.ByteBuffer;

/** The beginning of a PNG file, as far as PROTOCOL.md limits the pictures in the APK. */
public final class PngHeader {
    /** Signature, and the chunk IHDR up to its checksum. */
    public static final int BYTES = 29;

    private static final long SIGNATURE = 0x89504e470d0a1a0aL;
    private static final int IHDR = 'I' << 24 | 'H' << 16 | 'D' << 8 | 'R';
    private static final int GREY = 0;
    private static final int RGB = 2;
    private static final int MAX_PIXELS = 1 << 20;

    public final int width;
    public final int height;
    private final int depth;
    private final int colours;

    private PngHeader(ByteBuffer bytes) {
        width = bytes.getInt(16);
        height = bytes.getInt(20);
        depth = bytes.get(24);
        colours = bytes.get(25);
    }

    /** Reads the first bytes of a file; null if it is no PNG. */
    public static PngHeader read(byte[] first) {
        if (first.length < BYTES) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(first);
        boolean png = bytes.getLong(0) == SIGNATURE && bytes.getInt(12) == IHDR;
        return png ? new PngHeader(bytes) : null;
    }

    /** Why this picture cannot be shown to a model, or null. */
    public String fault() {
        if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
            return width + " x " + height + " pixels; " + MAX_PIXELS + " are the most";
        }
        if (depth != 8) {
            return depth + " bits per channel; it must have 8";
        }
        return colours == GREY || colours == RGB ? null : "it is neither RGB nor grey";
    }
}
