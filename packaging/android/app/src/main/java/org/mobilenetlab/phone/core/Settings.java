package org.mobilenetlab.phone.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What was asked of the engine. */
public final class Settings {
    public static final String CAMERA = "camera";
    public static final String LOOP = "loop";
    public static final List<String> SOURCES =
            Collections.unmodifiableList(Arrays.asList(CAMERA, LOOP));

    public static final String CPU = "cpu";
    public static final String XNNPACK = "xnnpack";
    public static final String NNAPI = "nnapi";
    public static final List<String> DELEGATES =
            Collections.unmodifiableList(Arrays.asList(CPU, XNNPACK, NNAPI));

    public static final int MAX_THREADS = 8;

    public final int threads;
    public final String delegate;
    public final String source;
    public final boolean paused;

    /** @throws LabException bad_value, with a sentence */
    public Settings(int threads, String delegate, String source, boolean paused)
            throws LabException {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new LabException("bad_value", "Threads go from 1 to " + MAX_THREADS + ".");
        }
        if (!DELEGATES.contains(delegate)) {
            throw new LabException("bad_value", "There is no delegate \"" + delegate + "\".");
        }
        if (!SOURCES.contains(source)) {
            throw new LabException("bad_value", "There is no source \"" + source + "\".");
        }
        this.threads = threads;
        this.delegate = delegate;
        this.source = source;
        this.paused = paused;
    }

    /** Whether going from {@code other} to this needs a new interpreter. */
    boolean needsReload(Settings other) {
        return threads != other.threads || !delegate.equals(other.delegate);
    }
}
