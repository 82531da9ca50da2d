package org.mobilenetlab.phone.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What was asked of the engine, in PROTOCOL.md's words. What of it this phone has is a matter of
 * {@link Limits}.
 */
public final class Settings {
    public static final String CAMERA = "camera";
    public static final String PICTURES = "pictures";
    public static final String LOOP = "loop";
    public static final List<String> SOURCES = words(CAMERA, PICTURES, LOOP);

    public static final String BACK = "back";
    public static final String FRONT = "front";
    public static final List<String> CAMERAS = words(BACK, FRONT);

    public static final String CPU = "cpu";
    public static final String XNNPACK = "xnnpack";
    public static final String NNAPI = "nnapi";
    public static final String GPU = "gpu";
    public static final List<String> DELEGATES = words(CPU, XNNPACK, NNAPI, GPU);

    /** How many execute the graph. */
    public final int threads;
    /** How many were asked for; more than {@link #threads} only in an APK's settings. */
    public final int threadsAsked;
    public final String delegate;
    public final String source;
    /** Which one the source "camera" means. */
    public final String camera;
    public final boolean paused;

    /** @throws LabException bad_value: a word that nobody knows, or no thread at all */
    public Settings(int threads, String delegate, String source, String camera, boolean paused)
            throws LabException {
        this(threads, threads, delegate, source, camera, paused);
        if (threads < 1) {
            throw new LabException("bad_value", "At least one thread is needed.");
        }
        check("delegate", delegate, DELEGATES);
        check("source", source, SOURCES);
        check("camera", camera, CAMERAS);
    }

    private Settings(int threads, int threadsAsked, String delegate, String source, String camera,
            boolean paused) {
        this.threads = threads;
        this.threadsAsked = threadsAsked;
        this.delegate = delegate;
        this.source = source;
        this.camera = camera;
        this.paused = paused;
    }

    private static List<String> words(String... words) {
        return Collections.unmodifiableList(Arrays.asList(words));
    }

    private static void check(String what, String asked, List<String> known) throws LabException {
        if (!known.contains(asked)) {
            throw new LabException("bad_value", "There is no " + what + " \"" + asked + "\".");
        }
    }

    /** The same with at most so many threads; how many were asked for stays known. */
    Settings cutTo(int maxThreads) {
        return new Settings(
                Math.min(threads, maxThreads), threadsAsked, delegate, source, camera, paused);
    }

    /** The same but for what is not null; what is must have passed {@link Limits#check}. */
    public Settings with(Integer newThreads, String newDelegate, String newSource,
            String newCamera, Boolean newPaused) {
        return new Settings(
                newThreads == null ? threads : newThreads,
                newThreads == null ? threadsAsked : newThreads,
                newDelegate == null ? delegate : newDelegate,
                newSource == null ? source : newSource,
                newCamera == null ? camera : newCamera,
                newPaused == null ? paused : newPaused);
    }

    public Settings withPaused(boolean isPaused) {
        return with(null, null, null, null, isPaused);
    }

    /** Whether going from {@code other} to this needs a new interpreter. */
    boolean needsReload(Settings other) {
        return threads != other.threads || !delegate.equals(other.delegate);
    }
}
