package org.mobilenetlab.phone.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** What may be asked for on this phone: HELLO tells it to the lab. */
public final class Limits {
    /** The most threads that may be asked for on any phone. */
    public static final int MAX_THREADS = 8;

    public final List<String> sources;
    public final List<String> cameras;
    public final List<String> delegates;
    /** How many pictures there are in the APK. */
    public final int pictures;
    public final int maxThreads;

    /**
     * @param cameras those of {@link Settings#CAMERAS} that the phone has
     * @param delegates those of {@link Settings#DELEGATES} whose code is in the APK
     */
    public Limits(Collection<String> cameras, int pictures, Collection<String> delegates,
            int maxThreads) {
        List<String> found = new ArrayList<>();
        if (!cameras.isEmpty()) {
            found.add(Settings.CAMERA);
        }
        if (pictures > 0) {
            found.add(Settings.PICTURES);
        }
        found.add(Settings.LOOP);
        sources = Collections.unmodifiableList(found);
        this.cameras = Collections.unmodifiableList(new ArrayList<>(cameras));
        this.delegates = Collections.unmodifiableList(new ArrayList<>(delegates));
        this.pictures = pictures;
        this.maxThreads = maxThreads;
    }

    /**
     * Refuses what this phone has not; what is null was not asked for.
     *
     * @throws LabException bad_value, with a sentence
     */
    public void check(Integer threads, String delegate, String source, String camera)
            throws LabException {
        if (threads != null && (threads < 1 || threads > maxThreads)) {
            throw new LabException("bad_value", "Threads go from 1 to " + maxThreads + " here.");
        }
        check("delegate", delegate, delegates);
        check("source", source, sources);
        check("camera", camera, cameras);
    }

    private static void check(String what, String asked, List<String> here) throws LabException {
        if (asked != null && !here.contains(asked)) {
            throw new LabException("bad_value", "This phone's app has no " + what + " \"" + asked
                    + "\"; it has " + here + ".");
        }
    }

    /**
     * What an APK asks for, whose builder could not know this phone: threads are cut to fit, and
     * the back camera gives way to the only one there is.
     *
     * @throws LabException bad_value: a word that no app knows
     */
    public Settings fitting(int threadsAsked, String delegate, String source)
            throws LabException {
        boolean hasBack = cameras.isEmpty() || cameras.contains(Settings.BACK);
        String camera = hasBack ? Settings.BACK : cameras.get(0);
        return new Settings(threadsAsked, delegate, source, camera, false).cutTo(maxThreads);
    }
}
