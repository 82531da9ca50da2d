package org.mobilenetlab.phone.core;

/** The phone's monotonic clock; every time in the app and on the link is on it. */
public interface Clock {
    /** Nanoseconds since the phone started, sleep included. */
    long nowNs();
}
