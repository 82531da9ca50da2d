package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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

    private final Clock clock;
    private final ModelRuntime runtime;
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
    private LabException modelError;
    private LabException cameraError;
    private int generation;
    private int sequence;

    public Engine(Clock clock, ModelRuntime runtime, Settings settings, Listener listener) {
        this.clock = clock;
        this.runtime = runtime;
        this.settings = settings;
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

    public LabState state() {
        return state;
    }

    /** The model in use, or null. */
    public LoadedModel model() {
        return model;
    }

    /** Hands over a picture; the engine closes it. Any thread; never blocks. */
    public void offer(YuvPicture picture) {
        YuvPicture stale = picture;
        synchronized (lock) {
            if (runnable && Settings.CAMERA.equals(state.settings.source)) {
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

    /**
     * Opens a model, runs it once, and only then puts it in the place of the last one.
     *
     * @throws LabException bad_model or inference; the last model runs on
     */
    public void load(ModelInfo info, ByteBuffer bytes, Settings wanted) throws LabException {
        LoadedModel next = LoadedModel.open(runtime, info, bytes, wanted, clock);
        try {
            runFirst(next);
        } catch (LabException e) {
            next.close();
            throw e;
        }
        LoadedModel last = model;
        settings = wanted;
        opening = false;
        modelError = null;
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
        settings = wanted;
        if (model != null && Settings.LOOP.equals(wanted.source)) {
            model.fillWithPattern();
        }
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
        return Settings.CAMERA.equals(settings.source) ? cameraError : null;
    }

    private void work() {
        while (true) {
            Runnable task = null;
            YuvPicture picture = null;
            synchronized (lock) {
                while (tasks.isEmpty() && waiting == null && !isLooping()) {
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

    private boolean isLooping() {
        return runnable && Settings.LOOP.equals(state.settings.source);
    }

    /** One inference on {@code picture}, or on the fixed tensor where it is null. */
    private void recognise(YuvPicture picture) {
        LoadedModel using = model;
        try {
            long start = clock.nowNs();
            sample.capturedNs = start;
            sample.cameraNs = 0;
            sample.convertNs = 0;
            sample.postNs = 0;
            if (picture != null) {
                sample.capturedNs = picture.capturedNs();
                sample.cameraNs = picture.heldNs() - picture.capturedNs();
                start = clock.nowNs();
                try {
                    using.convert(picture);
                } finally {
                    picture.close();
                }
                sample.convertNs = clock.nowNs() - start;
            }
            sample.inferNs = using.infer(clock);
            deliver(using, picture != null ? decode(using) : null);
        } catch (LabException e) {
            fail(e);
        }
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

    private Recognition decode(LoadedModel using) {
        long start = clock.nowNs();
        Recognition seen = using.decode();
        sample.postNs = clock.nowNs() - start;
        return seen;
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
