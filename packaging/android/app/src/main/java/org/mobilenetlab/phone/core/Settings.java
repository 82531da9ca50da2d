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

    /** How many execute the graph. */
    public final int threads;
    /** How many were asked for; more than {@link #MAX_THREADS} only in an APK's settings. */
    public final int threadsAsked;
    public final String delegate;
    public final String source;
    public final boolean paused;

    /** @throws LabException bad_value, with a sentence */
    public Settings(int threads, String delegate, String source, boolean paused)
            throws LabException {
        this(threads, threads, delegate, source, paused);
    }

    private Settings(
            int threads, int threadsAsked, String delegate, String source, boolean paused)
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
        this.threadsAsked = threadsAsked;
        this.delegate = delegate;
        this.source = source;
        this.paused = paused;
    }

    /** What an APK asks for, whose builder could not know this phone: threads are cut to fit. */
    public static Settings fitting(int threadsAsked, String delegate, String source)
            throws LabException {
        int threads = Math.max(1, Math.min(threadsAsked, MAX_THREADS));
        return new Settings(threads, threadsAsked, delegate, source, false);
    }

    /** The same but for what is not null. */
    public Settings with(Integer newThreads, String newDelegate, String newSource, Boolean newPaused)
            throws LabException {
        return new Settings(
                newThreads == null ? threads : newThreads,
                newThreads == null ? threadsAsked : newThreads,
                newDelegate == null ? delegate : newDelegate,
                newSource == null ? source : newSource,
                newPaused == null ? paused : newPaused);
    }

    /** Whether going from {@code other} to this needs a new interpreter. */
    boolean needsReload(Settings other) {
        return threads != other.threads || !delegate.equals(other.delegate);
    }
}
