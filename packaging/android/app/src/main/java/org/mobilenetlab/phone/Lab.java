package org.mobilenetlab.phone;

import android.content.Context;
import android.net.LocalSocket;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import android.util.Log;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import org.mobilenetlab.phone.core.Clock;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.Measurement;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.YuvPicture;
import org.mobilenetlab.phone.link.LabConnection;
import org.mobilenetlab.phone.link.LabSession;
import org.mobilenetlab.phone.link.Messages;

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

    private static final String TAG = "Lab";
    private static final long SHOW_INTERVAL_NS = 1_000_000_000L / 30;

    private final Context context;
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
        facts = new PhoneFacts(context, this);
        engine = new Engine(CLOCK, new TfLiteRuntime(), firstSettings(), this);
        store = new ModelStore(
                new File(context.getFilesDir(), "models"), PhoneFacts.installStamp(context));
        shown = new Shown(engine.state(), null, null, 0, 0, 0, false);
    }

    private static Settings firstSettings() {
        try {
            return new Settings(4, Settings.XNNPACK, Settings.CAMERA, false);
        } catch (LabException e) {
            throw new IllegalStateException(e);
        }
    }

    void start() {
        engine.start();
        server.start();
        engine.post(new Runnable() {
            @Override
            public void run() {
                loadFirst();
            }
        });
    }

    /** The model that came over the link last, else the APK's own. */
    private void loadFirst() {
        try {
            AppModel own = AppModel.read(context);
            Settings settings = own != null ? own.settings : engine.settings();
            ModelInfo stored = store.current();
            if (stored != null && loadStored(stored, settings)) {
                return;
            }
            if (own != null) {
                engine.load(own.info, own.open(), settings);
            } else {
                engine.fail(new LabException("no_model", "There is no model in the app yet."));
            }
        } catch (LabException e) {
            engine.fail(e);
        }
    }

    private boolean loadStored(ModelInfo stored, Settings settings) {
        try {
            engine.load(stored, store.open(stored), settings);
            return true;
        } catch (LabException | IOException e) {
            Log.w(TAG, "the stored model does not open; taking the APK's", e);
            return false;
        }
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

    void setPaused(final boolean paused) {
        engine.post(new Runnable() {
            @Override
            public void run() {
                try {
                    engine.apply(engine.settings().with(null, null, null, paused));
                } catch (LabException e) {
                    throw new IllegalStateException(e); // neither value nor model has changed
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
    void offer(YuvPicture picture) {
        engine.offer(picture);
    }

    /** The screen has drawn what was delivered at {@code finishedNs}. */
    void drawn(long finishedNs) {
        engine.drawn(CLOCK.nowNs() - finishedNs);
    }

    // ---- the engine's side: its thread ----

    @Override
    public void onState(LabState state) {
        if (!state.isMeasuring()) {
            measurement.clear(); // a pause is not a slow picture
        }
        LabConnection lab = connection;
        if (lab != null) {
            lab.outbox().put(Messages.state(state));
        }
        Shown now = shown;
        Recognition seen = state.errorCode == null ? now.seen : null;
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
        boolean fresh = seen != null || Settings.LOOP.equals(engine.settings().source);
        if (fresh && sample.finishedNs - lastShownNs >= SHOW_INTERVAL_NS) {
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
                peer.getOutputStream(), new HangUpSocket(peer), facts);
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

    private static final class HangUpSocket implements LabConnection.HangUp {
        private final LocalSocket socket;

        HangUpSocket(LocalSocket socket) {
            this.socket = socket;
        }

        @Override
        public void hangUp() {
            try {
                socket.shutdownInput();
                socket.shutdownOutput();
            } catch (IOException e) {
                Log.d(TAG, "hanging up", e); // the peer was faster
            }
        }
    }
}
