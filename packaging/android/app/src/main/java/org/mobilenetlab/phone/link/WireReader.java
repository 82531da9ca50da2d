package org.mobilenetlab.phone.link;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.json.JSONException;
import org.json.JSONObject;

/** Reads what the lab says. One thread; blocks. */
public final class WireReader {
    private static final int ID_BYTES = 4;
    private static final int OFFSET_BYTES = 8;

    private final InputStream in;
    private final byte[] header = new byte[Wire.HEADER_BYTES];
    private byte[] payload = new byte[4096];

    public WireReader(InputStream in) {
        this.in = in;
    }

    /** Reads the peer's preamble and refuses all but version 1. */
    public void readPreamble() throws IOException {
        readFully(header, Wire.PREAMBLE.length);
        if (!Arrays.equals(Arrays.copyOf(header, 4), Arrays.copyOf(Wire.PREAMBLE, 4))) {
            throw new WireException("magic", "the peer does not speak the lab's link");
        }
        int version = header[4] & 0xff | (header[5] & 0xff) << 8;
        if (version != Wire.VERSION) {
            throw new WireException("version", "the lab speaks version " + version);
        }
    }

    /**
     * The next command; messages of unknown types are skipped.
     *
     * @return null when the lab has closed its side between two messages
     */
    public Command next() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            header[0] = (byte) first;
            readRest(header, 1, Wire.HEADER_BYTES);
            ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            int type = head.getShort(0) & 0xffff;
            long length = head.getInt(4) & 0xffffffffL;
            if (length > Wire.MAX_PAYLOAD) {
                throw new WireException("too_long", "a message of " + length + " bytes");
            }
            if (length > payload.length) {
                payload = new byte[Wire.MAX_PAYLOAD];
            }
            readFully(payload, (int) length);
            if (type >= Wire.SET && type <= Wire.PING) {
                return parse(type, (int) length);
            }
        }
    }

    private Command parse(int type, int length) throws WireException {
        if (length < ID_BYTES) {
            throw new WireException("layout", "a command without an id");
        }
        ByteBuffer body = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        int id = body.getInt(0);
        switch (type) {
            case Wire.SET:
            case Wire.LOAD_BEGIN:
                return new Command(type, id, json(ID_BYTES, length), 0, payload, 0, 0);
            case Wire.LOAD_CHUNK:
                int start = ID_BYTES + OFFSET_BYTES;
                if (length < start) {
                    throw new WireException("layout", "a LOAD_CHUNK without its offset");
                }
                long offset = body.getLong(ID_BYTES);
                return new Command(type, id, null, offset, payload, start, length - start);
            default:
                if (length != ID_BYTES) {
                    throw new WireException("layout", "bytes behind the id of type " + type);
                }
                return new Command(type, id, null, 0, payload, 0, 0);
        }
    }

    private JSONObject json(int from, int to) throws WireException {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(payload, from, to - from)).toString();
        } catch (CharacterCodingException e) {
            throw new WireException("utf8", "text that is not UTF-8");
        }
        try {
            return new JSONObject(text);
        } catch (JSONException e) {
            throw new WireException("json", "text that is not a JSON object");
        } catch (StackOverflowError e) { // Android's parser descends as deep as it is led
            throw new WireException("json", "JSON that is nested too deep");
        }
    }

    private void readFully(byte[] into, int length) throws IOException {
        readRest(into, 0, length);
    }

    private void readRest(byte[] into, int from, int length) throws IOException {
        int at = from;
        while (at < length) {
            int got = in.read(into, at, length - at);
            if (got < 0) {
                throw new WireException("cut", "the lab left within a message");
            }
            at += got;
        }
    }
}
