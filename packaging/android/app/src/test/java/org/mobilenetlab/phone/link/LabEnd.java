package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertEquals;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.json.JSONObject;
import org.mobilenetlab.phone.core.ModelStore;

/** A lab made of raw bytes. */
final class LabEnd {
    /** A message of the phone. */
    static final class Message {
        final int type;
        final ByteBuffer payload;

        Message(int type, byte[] payload) {
            this.type = type;
            this.payload = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        }

        JSONObject json() {
            int from = type == Wire.ANSWER ? 4 : 0;
            return new JSONObject(new String(payload.array(), from,
                    payload.capacity() - from, StandardCharsets.UTF_8));
        }

        /** Of an answer. */
        int id() {
            return payload.getInt(0);
        }

        /** Of an answer: "ok", or the code of the refusal. */
        String verdict() {
            return json().getBoolean("ok") ? "ok" : json().getString("code");
        }
    }

    final DataInputStream in;
    final OutputStream out;

    LabEnd(Socket socket) throws IOException {
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    Message receive() throws IOException {
        byte[] header = new byte[8];
        in.readFully(header);
        ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        byte[] payload = new byte[head.getInt(4)];
        in.readFully(payload);
        return new Message(head.getShort(0), payload);
    }

    /** Skips to the next message of this type. */
    Message receive(int type) throws IOException {
        Message message = receive();
        while (message.type != type) {
            message = receive();
        }
        return message;
    }

    /** Preambles and the first three messages; returns HELLO, STATE and MODEL. */
    JSONObject[] greet() throws IOException {
        out.write(Vectors.bytes("preamble"));
        in.readFully(new byte[8]);
        JSONObject[] greeting = new JSONObject[3];
        for (int i = 0; i < greeting.length; i++) {
            Message message = receive();
            assertEquals(Arrays.asList(Wire.HELLO, Wire.STATE, Wire.MODEL).get(i),
                    (Integer) message.type);
            greeting[i] = message.json();
        }
        return greeting;
    }

    static byte[] encode(int type, int id, byte[] rest) {
        ByteBuffer message = ByteBuffer.allocate(12 + rest.length).order(ByteOrder.LITTLE_ENDIAN);
        message.putShort((short) type).putShort((short) 0).putInt(4 + rest.length).putInt(id);
        return message.put(rest).array();
    }

    void send(int type, int id, byte[] rest) throws IOException {
        out.write(encode(type, id, rest));
    }

    /** Sends a command and returns what its answer says. */
    String ask(int type, byte[] rest) throws IOException {
        send(type, 1, rest);
        return receive(Wire.ANSWER).verdict();
    }

    String ask(int type, JSONObject json) throws IOException {
        return ask(type, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    String set(String field, Object value) throws IOException {
        return ask(Wire.SET, new JSONObject().put(field, value));
    }

    static byte[] chunk(long offset, byte[] bytes) {
        return ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(offset).put(bytes).array();
    }

    static String sha256(byte[] content) throws Exception {
        return ModelStore.hex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    /** LOAD_BEGIN of a model of these bytes, without what may be absent. */
    static JSONObject begin(String name, byte[] content) throws Exception {
        return new JSONObject().put("name", name).put("sha256", sha256(content))
                .put("size_bytes", content.length).put("labels", new String[] {"a"});
    }

    /** Sends a whole model in one chunk; returns what the last answer says. */
    String load(JSONObject begin, byte[] content) throws IOException {
        assertEquals("ok", ask(Wire.LOAD_BEGIN, begin));
        assertEquals("ok", ask(Wire.LOAD_CHUNK, chunk(0, content)));
        return ask(Wire.LOAD_END, new byte[0]);
    }
}
