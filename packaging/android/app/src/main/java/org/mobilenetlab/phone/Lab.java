package org.mobilenetlab.phone;

import android.content.Context;
import android.net.LocalSocket;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.mobilenetlab.phone.core.Clock;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.Measurement;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.YuvPicture;
import org.mobilenetlab.phone.link.LabConnection;
import org.mobilenetlab.phone.link.LabSession;
import org.mobilenetlab.phone.link.Messages;
import org.mobilenetlab.phone.runtime.DelegateTrial;

/**
 * The engine, the model store and the link, put together; one per process.
 *
 * <p>What the engine finds goes to the lab's outbox and, as one immutable {@link Shown}, to the
 * screen that is attached at the time.
 */
final class Lab implements Engine.Listener, LinkServer.Host, PhoneFacts.TemperatureListener {
    /** The screen; called on the main thread. */
    interface Screen {
        void show(Shown shown);
    }

    /** The clock of SystemClock.elapsedRealtimeNanos. */
    static final Clock CLOCK = new Clock() {
        @Override
        public long nowNs() {
            return SystemClock.elapsedRealtimeNanos();
        }
    };

    private static final long SHOW_INTERVAL_NS = 1_000_000_000L / 30;
    /** With nothing to see but numbers, the screen leaves the processor to the model. */
    private static final long SHOW_LOOP_INTERVAL_NS = 1_000_000_000L / 4;

    private final Context context;
    private final LabPictures pictures;
    private final PhoneFacts facts;
    private final Engine engine;
    private final ModelStore store;
    private final LinkServer server = new LinkServer(this);
    private final Handler main = new Handler(Looper.getMainLooper());
    private final Measurement measurement = new Measurement();
    private final Runnable showLatest = new Runnable() {
        @Override
        public void run() {
            if (screen != null) {
                screen.show(shown);
            }
        }
    };

    private volatile LabConnection connection;
    private volatile Shown shown;
    private long lastShownNs;
    private Screen screen; // the main thread's

    Lab(Context context) {
        this.context = context;
        pictures = new LabPictures(context.getAssets());
        Limits limits = PhoneFacts.limits(context, pictures.count());
        facts = new PhoneFacts(context, limits, this);
        DelegateTrial trial = new DelegateTrial(new File(context.getFilesDir(), "delegate.trial"));
        engine = new Engine(
                CLOCK, new TfLiteRuntime(trial), firstSettings(limits), limits, this);
        store = new ModelStore(
                new File(context.getFilesDir(), "models"), PhoneFacts.installStamp(context));
        shown = new Shown(engine.state(), null, null, 0, 0, 0, false);
    }

    private static Settings firstSettings(Limits limits) {
        try {
            return limits.fitting(4, Settings.XNNPACK, Settings.CAMERA);
        } catch (LabException e) {
            throw new IllegalStateException(e); // our own words
        }
    }

    void start() {
        engine.start();
        engine.post(new Runnable() {
            @Override
            public void run() {
                engine.setPictures(pictures.unpack());
                FirstModel.load(engine, store, context.getAssets());
            }
        });
        server.start();
    }

    // ---- the screen's side: the main thread ----

    void attach(Screen newScreen) {
        screen = newScreen;
        setForeground(true);
        screen.show(shown);
    }

    void detach() {
        screen = null;
        setForeground(false);
    }

    private void setForeground(final boolean foreground) {
        engine.post(new Runnable() {
            @Override
            public void run() {
                engine.setForeground(foreground);
            }
        });
    }

    Limits limits() {
        return engine.limits();
    }

    LabPictures pictures() {
        return pictures;
    }

    void setPaused(boolean paused) {
        apply(null, paused);
    }

    /** @param camera one of those in {@link #limits} */
    void setCamera(String camera) {
        apply(camera, null);
    }

    private void apply(final String camera, final Boolean paused) {
        engine.post(new Runnable() {
            @Override
            public void run() {
                try {
                    engine.apply(engine.settings().with(null, null, null, camera, paused));
                } catch (LabException e) {
                    throw new IllegalStateException(e); // no model was opened
                }
            }
        });
    }

    /** Any thread; null once the camera works. */
    void setCameraError(final LabException error) {
        engine.post(new Runnable() {
            @Override
            public void run() {
                engine.setCameraError(error);
            }
        });
    }

    /** Any thread; the engine closes the picture. */
    void offer(YuvPicture picture, String camera) {
        engine.offer(picture, camera);
    }

    /** The screen has drawn what was delivered at {@code finishedNs}. */
    void drawn(long finishedNs) {
        if (!Settings.LOOP.equals(engine.state().settings.source)) { // its results are not drawn
            engine.drawn(CLOCK.nowNs() - finishedNs);
        }
    }

    // ---- the engine's side: its thread ----

    @Override
    public void onState(LabState state) {
        LabConnection lab = connection;
        if (lab != null) {
            lab.outbox().put(Messages.state(state));
        }
        Shown now = shown;
        Settings before = now.state.settings;
        boolean samePicture = before.source.equals(state.settings.source)
                && before.camera.equals(state.settings.camera);
        if (!samePicture || !state.isMeasuring()) {
            measurement.clear(); // neither a pause nor a change is a slow picture
        }
        if (!samePicture) {
            engine.drawn(0);
        }
        Recognition seen = state.errorCode == null && samePicture ? now.seen : null;
        show(new Shown(state, engine.model(), seen, now.medianMs,
                now.pipelineFps, now.finishedNs, lab != null));
    }

    @Override
    public void onModel(LoadedModel model) {
        measurement.clear();
        LabConnection lab = connection;
        if (lab != null) {
            lab.outbox().put(Messages.model(model));
        }
        show(new Shown(engine.state(), model, null, 0, 0, 0, lab != null));
    }

    @Override
    public void onSample(Sample sample, Recognition seen, LoadedModel model) {
        measurement.add(sample.inferNs, sample.finishedNs);
        LabConnection lab = connection;
        if (lab != null) {
            lab.outbox().put(sample, seen);
        }
        boolean loops = Settings.LOOP.equals(engine.settings().source);
        long interval = loops ? SHOW_LOOP_INTERVAL_NS : SHOW_INTERVAL_NS;
        if ((seen != null || loops) && sample.finishedNs - lastShownNs >= interval) {
            lastShownNs = sample.finishedNs;
            show(new Shown(engine.state(), model, seen, measurement.medianMs(),
                    measurement.pipelineFps(), sample.finishedNs, lab != null));
        }
    }

    private void show(Shown now) {
        shown = now;
        main.removeCallbacks(showLatest);
        main.post(showLatest);
    }

    // ---- the link's side: its reader and writer threads ----

    @Override
    public void converse(final LocalSocket peer) throws IOException, InterruptedException {
        final LabConnection lab = new LabConnection(peer.getInputStream(),
                peer.getOutputStream(), LinkServer.hangUp(peer), facts);
        try {
            setConnection(lab);
            lab.converse(new LabSession(engine, store));
        } finally {
            setConnection(null);
        }
    }

    /** On the engine's thread, so that nothing slips in before HELLO, STATE and MODEL. */
    private void setConnection(final LabConnection lab) throws InterruptedException {
        try {
            engine.call(new Callable<Void>() {
                @Override
                public Void call() {
                    if (lab != null) {
                        lab.greet(engine.state(), engine.model());
                    }
                    connection = lab;
                    Shown now = shown;
                    show(new Shown(now.state, now.model, now.seen, now.medianMs,
                            now.pipelineFps, now.finishedNs, lab != null));
                    return null;
                }
            });
        } catch (LabException e) {
            throw new IllegalStateException(e); // it throws none
        }
    }

    @Override
    public void onTemperature(short tenths) {
        engine.setTemperature(tenths);
    }
}
