package org.mobilenetlab.phone.link;

import java.nio.ByteBuffer;
import org.mobilenetlab.phone.core.Recognition;

/** RESULT on the wire. */
final class ResultRecord {
    private static final int HEAD_BYTES = 12;
    private static final int CLASS_BYTES = 8;
    private static final int BOX_BYTES = 24;

    private ResultRecord() {
    }

    /** Bytes of the whole message. */
    static int size(Recognition seen) {
        return Wire.HEADER_BYTES + payloadSize(seen);
    }

    private static int payloadSize(Recognition seen) {
        int entry = seen.kind == Recognition.BOXES ? BOX_BYTES : CLASS_BYTES;
        int more = seen.kind == Recognition.VECTOR ? 4 + Float.BYTES * seen.vector.length
                : seen.kind == Recognition.MAP ? 4 + seen.cells.length : 0;
        return HEAD_BYTES + entry * seen.count() + more;
    }

    /** Appends the whole message to {@code message} (little-endian). */
    static void put(ByteBuffer message, int sequence, int generation, Recognition seen) {
        WireWriter.putHeader(message, Wire.RESULT, payloadSize(seen));
        message.putInt(sequence).putInt(generation);
        message.put((byte) seen.kind).put((byte) seen.count()).putShort((short) seen.picture);
        for (int i = 0; i < seen.count(); i++) {
            message.putInt(seen.classes[i]).putFloat(seen.scores[i]);
            for (int side = 0; seen.kind == Recognition.BOXES && side < 4; side++) {
                message.putFloat(seen.boxes[4 * i + side]);
            }
        }
        if (seen.kind == Recognition.VECTOR) {
            message.putInt(seen.vector.length);
            message.asFloatBuffer().put(seen.vector);
            message.position(message.position() + Float.BYTES * seen.vector.length);
        } else if (seen.kind == Recognition.MAP) {
            message.putShort((short) seen.columns).putShort((short) seen.rows);
            message.put(seen.cells);
        }
    }
}
