package org.mobilenetlab.phone.link;

import java.io.IOException;

/** The peer broke the protocol; the connection cannot go on. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1;

    /** One word: magic, version, too_long, cut, layout, utf8 or json. */
    public final String fault;

    WireException(String fault, String message) {
        super(message);
        this.fault = fault;
    }
}
