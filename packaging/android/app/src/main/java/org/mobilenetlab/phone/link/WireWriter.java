package org.mobilenetlab.phone.link;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.json.JSONObject;

/**
 * Writes what the phone says. One thread; blocks.
 *
 * <p>It never flushes: the stream of a LocalSocket has no buffer, and its flush() waits, polling,
 * until the peer has read everything.
 */
public final class WireWriter {
    private final OutputStream out;

    public WireWriter(OutputStream out) {
        this.out = out;
    }

    public void preamble() throws IOException {
        out.write(Wire.PREAMBLE);
    }

    /** Writes messages that were already encoded. */
    public void messages(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    /** A message whose payload is JSON. */
    static byte[] encode(int type, JSONObject json) {
        return encode(type, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A message; see PROTOCOL.md, "Messages". */
    static byte[] encode(int type, byte[] payload) {
        if (payload.length > Wire.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a payload of " + payload.length + " bytes");
        }
        ByteBuffer message = ByteBuffer.allocate(Wire.HEADER_BYTES + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        putHeader(message, type, payload.length);
        return message.put(payload).array();
    }

    /** The answer to the command {@code id}; {@code json} is its verdict. */
    static byte[] encodeAnswer(int id, JSONObject json) {
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(4 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        payload.putInt(id).put(text);
        return encode(Wire.ANSWER, payload.array());
    }

    static void putHeader(ByteBuffer message, int type, int length) {
        message.putShort((short) type).putShort((short) 0).putInt(length);
    }
}
