package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the model on picture after picture, on a thread of its own.
 *
 * <p>The newest picture waits in a slot of one; an older one that was not reached is closed.
 * Whatever changes the model or the settings runs on the same thread between two pictures, so
 * that nothing but the slot, the tasks and the published state is shared.
 */
public final class Engine {
    /** Told on the engine's thread; must not block. */
    public interface Listener {
        void onState(LabState state);

        void onModel(LoadedModel model);

        /** {@code sample} is only good during the call. */
        void onSample(Sample sample, Recognition seen, LoadedModel model);
    }

    /** Keeps a model that has run, for the next start of the app. */
    public interface Keeper {
        /** @throws LabException no_space: it cannot be kept */
        void keep() throws LabException;
    }

    private final Clock clock;
    private final ModelRuntime runtime;
    private final Limits limits;
    private final Listener listener;
    private final AtomicLong drawNs = new AtomicLong();
    private final Sample sample = new Sample();

    private final Object lock = new Object();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private YuvPicture waiting;
    private boolean runnable;

    private volatile LabState state;
    private volatile LoadedModel model;
    private volatile short temperature = Sample.UNKNOWN_TEMPERATURE;

    // The engine's thread alone:
    private Settings settings;
    private boolean opening = true;
    private boolean foreground;
    private List<RgbPicture> pictures = Collections.emptyList();
    private int nextPicture;
    private LabException modelError;
    private LabException cameraError;
    private int generation;
    private int sequence;

    public Engine(Clock clock, ModelRuntime runtime, Settings settings, Limits limits,
            Listener listener) {
        this.clock = clock;
        this.runtime = runtime;
        this.settings = settings;
        this.limits = limits;
        this.listener = listener;
        state = new LabState(settings, null, null);
    }

    /** Starts the thread, which lives as long as the process. */
    public void start() {
        Thread thread = new Thread("lab-engine") {
            @Override
            public void run() {
                work();
            }
        };
        thread.setDaemon(true);
        thread.start();
    }

    public Limits limits() {
        return limits;
    }

    public LabState state() {
        return state;
    }

    /** The model in use, or null. */
    public LoadedModel model() {
        return model;
    }

    /**
     * Hands over a picture of one of {@link Settings#CAMERAS}; the engine closes it. Any thread;
     * never blocks.
     */
    public void offer(YuvPicture picture, String camera) {
        YuvPicture stale = picture;
        synchronized (lock) {
            boolean wanted = Settings.CAMERA.equals(state.settings.source)
                    && state.settings.camera.equals(camera); // not a late one of the other camera
            if (runnable && wanted) {
                stale = waiting;
                waiting = picture;
                lock.notifyAll();
            }
        }
        if (stale != null) {
            stale.close();
        }
    }

    /** How long the last result took to the screen; goes into the next sample. */
    public void drawn(long ns) {
        drawNs.set(ns);
    }

    /** The battery's temperature in tenths of a degree; goes into the next samples. */
    public void setTemperature(short tenths) {
        temperature = tenths;
    }

    /** Runs {@code task} on the engine's thread, later. */
    public void post(Runnable task) {
        synchronized (lock) {
            tasks.add(task);
            lock.notifyAll();
        }
    }

    /** Runs {@code task} on the engine's thread and waits for its end. */
    public <T> T call(Callable<T> task) throws LabException, InterruptedException {
        FutureTask<T> future = new FutureTask<>(task);
        post(future);
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LabException) {
                throw (LabException) e.getCause();
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    // ---- below: on the engine's thread, through post or call ----

    /** Loads a model that need not be kept. */
    public void load(ModelInfo info, ByteBuffer bytes, Settings wanted) throws LabException {
        load(info, bytes, wanted, null);
    }

    /**
     * Opens a model, runs it once, keeps it, and only then puts it in the place of the last one.
     *
     * @throws LabException bad_model, inference or no_space; the last model runs on
     */
    public void load(ModelInfo info, ByteBuffer bytes, Settings wanted, Keeper keeper)
            throws LabException {
        LoadedModel next = LoadedModel.open(runtime, info, bytes, wanted, clock);
        try {
            runFirst(next);
            if (keeper != null) {
                keeper.keep();
            }
        } catch (LabException e) {
            next.close();
            throw e;
        }
        LoadedModel last = model;
        settings = wanted;
        opening = false;
        modelError = null;
        nextPicture = 0;
        next.generation = ++generation;
        model = next;
        if (last != null) {
            last.close();
        }
        publish();
        listener.onModel(next);
        sample.flags |= Sample.FIRST_AFTER_LOAD;
        deliver(next, null);
    }

    /** Changes the settings; opens the model again where that is needed. */
    public void apply(Settings wanted) throws LabException {
        if (model != null && wanted.needsReload(settings)) {
            load(model.info, model.bytes, wanted);
            return;
        }
        if (!settings.source.equals(wanted.source)) {
            nextPicture = 0;
        }
        settings = wanted;
        if (model != null && Settings.LOOP.equals(wanted.source)) {
            model.fillWithPattern();
        }
        publish();
    }

    /** What the source "pictures" shows, in this order. */
    public void setPictures(List<RgbPicture> inOrder) {
        pictures = new ArrayList<>(inOrder);
        nextPicture = 0;
        publish();
    }

    /** Tells why there is no model. */
    public void fail(LabException reason) {
        opening = false;
        modelError = reason;
        publish();
    }

    /** Says what is wrong with the camera, or null once it works. */
    public void setCameraError(LabException error) {
        cameraError = error;
        publish();
    }

    /** In the background nothing runs: its times would be of no use. */
    public void setForeground(boolean isForeground) {
        foreground = isForeground;
        publish();
    }

    public Settings settings() {
        return settings;
    }

    private void publish() {
        LabState now = new LabState(settings, model != null ? model.graph() : null, error());
        YuvPicture stale;
        synchronized (lock) {
            state = now;
            runnable = now.isMeasuring() && model != null;
            stale = waiting;
            waiting = null;
        }
        if (stale != null) {
            stale.close();
        }
        listener.onState(now);
    }

    /** What keeps the engine from working, or null; a model that is being opened does not. */
    private LabException error() {
        if (opening || modelError != null) {
            return modelError;
        }
        if (!foreground) {
            return new LabException(
                    "background", "The app is not on the phone's screen. Open it to go on.");
        }
        if (Settings.PICTURES.equals(settings.source) && pictures.isEmpty()) {
            return new LabException(
                    "no_pictures", "There are no pictures in this APK. Choose another source.");
        }
        return Settings.CAMERA.equals(settings.source) ? cameraError : null;
    }

    private void work() {
        while (true) {
            Runnable task = null;
            YuvPicture picture = null;
            synchronized (lock) {
                while (tasks.isEmpty() && waiting == null && !needsNoCamera()) {
                    try {
                        lock.wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (!tasks.isEmpty()) {
                    task = tasks.poll();
                } else {
                    picture = waiting;
                    waiting = null;
                }
            }
            if (task != null) {
                task.run();
            } else {
                recognise(picture);
            }
        }
    }

    private boolean needsNoCamera() {
        return runnable && !Settings.CAMERA.equals(state.settings.source);
    }

    /** One inference on the camera's picture, or on what the source has where that is null. */
    private void recognise(YuvPicture live) {
        LoadedModel using = model;
        try {
            sample.capturedNs = clock.nowNs();
            sample.cameraNs = 0;
            sample.convertNs = 0;
            sample.postNs = 0;
            boolean loops = live == null && Settings.LOOP.equals(settings.source);
            int number = 0;
            if (live != null) {
                convert(using, live);
            } else if (!loops) {
                number = convertNext(using);
            }
            sample.inferNs = using.infer(clock);
            deliver(using, loops ? null : decode(using, number));
        } catch (LabException e) {
            fail(e);
        }
    }

    private void convert(LoadedModel using, YuvPicture picture) {
        sample.capturedNs = picture.capturedNs();
        sample.cameraNs = picture.heldNs() - picture.capturedNs();
        long start = clock.nowNs();
        try {
            using.convert(picture);
        } finally {
            picture.close();
        }
        sample.convertNs = clock.nowNs() - start;
    }

    /** Takes the next of the APK's pictures; returns its number, from 1. */
    private int convertNext(LoadedModel using) {
        int number = nextPicture + 1;
        long start = clock.nowNs();
        using.convert(pictures.get(nextPicture));
        sample.convertNs = clock.nowNs() - start;
        nextPicture = number % pictures.size();
        return number;
    }

    private void runFirst(LoadedModel next) throws LabException {
        next.fillWithPattern();
        sample.capturedNs = clock.nowNs();
        sample.cameraNs = 0;
        sample.convertNs = 0;
        sample.inferNs = next.infer(clock);
        next.firstMs = sample.inferNs / 1e6;
        next.decode(); // that it can be is a part of being good
        sample.postNs = 0;
    }

    private Recognition decode(LoadedModel using, int number) {
        long start = clock.nowNs();
        Recognition seen = using.decode();
        sample.postNs = clock.nowNs() - start;
        return number == 0 ? seen : seen.in(number);
    }

    private void deliver(LoadedModel using, Recognition seen) {
        sample.sequence = sequence++;
        sample.generation = using.generation;
        sample.drawNs = drawNs.get();
        sample.temperature = temperature;
        if (using.info.untrained) {
            sample.flags |= Sample.UNTRAINED;
        }
        sample.finishedNs = clock.nowNs();
        listener.onSample(sample, seen, using);
        sample.flags = 0;
        sample.result = Sample.NO_RESULT;
    }
}
