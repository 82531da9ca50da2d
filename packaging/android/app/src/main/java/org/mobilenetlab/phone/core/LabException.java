package org.mobilenetlab.phone.core;

/** Something a person can act on; the code is one of PROTOCOL.md's. */
public final class LabException extends Exception {
    private static final long serialVersionUID = 1;

    public final String code;

    public LabException(String code, String text) {
        super(text);
        this.code = code;
    }
}
