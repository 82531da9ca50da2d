package org.mobilenetlab.phone.link;

/** The numbers of PROTOCOL.md. */
final class Wire {
    static final byte[] PREAMBLE = {'M', 'N', 'L', 'B', 1, 0, 0, 0};
    static final int VERSION = 1;
    static final int HEADER_BYTES = 8;
    static final int MAX_PAYLOAD = 1 << 20;
    static final int MAX_CHUNK = 1 << 18;

    static final int HELLO = 1;
    static final int STATE = 2;
    static final int MODEL = 3;
    static final int SAMPLES = 4;
    static final int RESULT = 5;
    static final int ANSWER = 6;
    static final int HEALTH = 7;
    static final int BYE = 8;

    static final int SET = 65;
    static final int LOAD_BEGIN = 66;
    static final int LOAD_CHUNK = 67;
    static final int LOAD_END = 68;
    static final int PING = 69;

    private Wire() {
    }
}
