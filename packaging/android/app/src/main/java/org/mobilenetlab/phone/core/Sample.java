package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/** One inference in numbers; PROTOCOL.md, "SAMPLES". The engine fills the same one again. */
public final class Sample {
    public static final int BYTES = 72;
    public static final int NO_RESULT = -1;
    public static final short UNKNOWN_TEMPERATURE = Short.MIN_VALUE;
    public static final int FIRST_AFTER_LOAD = 1;
    public static final int UNTRAINED = 2;

    public int sequence;
    public int generation;
    public long capturedNs;
    public long finishedNs;
    public long cameraNs;
    public long convertNs;
    public long inferNs;
    public long postNs;
    public long drawNs;
    public int result = NO_RESULT;
    /** Tenths of a degree Celsius. */
    public short temperature = UNKNOWN_TEMPERATURE;
    public int flags;

    /** Appends the record to {@code buffer}, which is little-endian. */
    public void putInto(ByteBuffer buffer) {
        buffer.putInt(sequence).putInt(generation);
        buffer.putLong(capturedNs).putLong(finishedNs);
        buffer.putLong(cameraNs).putLong(convertNs).putLong(inferNs);
        buffer.putLong(postNs).putLong(drawNs);
        buffer.putInt(result).putShort(temperature).putShort((short) flags);
    }
}
