package org.mobilenetlab.phone.link;

import org.json.JSONObject;

/** One command of the lab. */
public final class Command {
    public final int type;
    /** The lab's own number for it, an unsigned 32-bit value. */
    public final int id;
    /** Of SET and LOAD_BEGIN, else null. */
    public final JSONObject json;
    /** Of LOAD_CHUNK: where its bytes belong in the model. */
    public final long offset;
    /** Of LOAD_CHUNK: holds its bytes, and is only good until the next read. */
    public final byte[] buffer;
    public final int start;
    public final int length;

    Command(int type, int id, JSONObject json, long offset, byte[] buffer, int start, int length) {
        this.type = type;
        this.id = id;
        this.json = json;
        this.offset = offset;
        this.buffer = buffer;
        this.start = start;
        this.length = length;
    }
}
