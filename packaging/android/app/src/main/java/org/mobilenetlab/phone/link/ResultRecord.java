package org.mobilenetlab.phone.link;

import java.nio.ByteBuffer;
import org.mobilenetlab.phone.core.Recognition;

/** RESULT on the wire. */
final class ResultRecord {
    /** A whole message with as many boxes as there may be. */
    static final int MAX_BYTES = Wire.HEADER_BYTES + 12 + 24 * Recognition.MAX_BOXES;

    private ResultRecord() {
    }

    /** Appends the whole message to {@code message} (little-endian). */
    static void put(ByteBuffer message, int sequence, int generation, Recognition seen) {
        int entry = seen.hasBoxes() ? 24 : 8;
        WireWriter.putHeader(message, Wire.RESULT, 12 + entry * seen.count());
        message.putInt(sequence).putInt(generation);
        message.put((byte) (seen.hasBoxes() ? 1 : 0)).put((byte) seen.count()).putShort((short) 0);
        for (int i = 0; i < seen.count(); i++) {
            message.putInt(seen.classes[i]).putFloat(seen.scores[i]);
            for (int side = 0; seen.hasBoxes() && side < 4; side++) {
                message.putFloat(seen.boxes[4 * i + side]);
            }
        }
    }
}
