package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertFalse;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.json.JSONObject;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.FakeRuntime;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;

/** The app without Android, running model A, to which one lab after the other can connect. */
final class PhoneEnd extends ExternalResource implements Engine.Listener, LabConnection.Facts {
    private static final int PATIENCE_MS = 20_000;

    final FakeRuntime runtime = new FakeRuntime();
    final Limits limits = new Limits(Settings.CAMERAS, 2, Arrays.asList("cpu", "xnnpack"), 8);
    /** How the last conversation ended; null if the lab simply left. */
    final AtomicReference<Throwable> end = new AtomicReference<>();
    private final TemporaryFolder temporary = new TemporaryFolder();
    private volatile LabConnection connection;
    /** Of the last sample. */
    volatile int sequence;
    Engine engine;
    private ModelStore store;
    private Socket lab;
    private Thread conversation;

    @Override
    protected void before() throws Throwable {
        temporary.create();
        store = new ModelStore(folder(), "stamp");
        engine = new Engine(System::nanoTime, runtime,
                new Settings(2, "xnnpack", "camera", "back", false), limits, this);
        engine.start();
        engine.call(() -> {
            engine.setForeground(true);
            engine.load(FakeRuntime.info("A"), FakeRuntime.model('A'), engine.settings());
            return null;
        });
    }

    @Override
    protected void after() {
        engine.post(() -> engine.setForeground(false));
        try {
            hangUp();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            temporary.delete();
        }
    }

    File folder() {
        return temporary.getRoot();
    }

    /** The model that a restart of the app would open; null for the APK's own. */
    String stored() {
        ModelStore next = new ModelStore(folder(), "stamp");
        return next.current() == null ? null : next.current().name;
    }

    /** Lets a lab in. */
    LabEnd connect() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            lab = new Socket(server.getInetAddress(), server.getLocalPort());
            start(server.accept(), new LabSession(engine, store));
        }
        lab.setSoTimeout(PATIENCE_MS);
        return new LabEnd(lab);
    }

    private void start(Socket peer, LabSession session) throws Exception {
        peer.setSoTimeout(PATIENCE_MS);
        end.set(null);
        LabConnection made = new LabConnection(peer.getInputStream(), peer.getOutputStream(),
                () -> close(peer), this);
        engine.call(() -> {
            made.greet(engine.state(), engine.model());
            connection = made;
            return null;
        });
        conversation = new Thread(() -> {
            try {
                made.converse(session);
            } catch (IOException | InterruptedException e) {
                end.set(e);
            } finally {
                connection = null;
                close(peer);
            }
        });
        conversation.start();
    }

    /** The cable is pulled; returns when the app has noticed. */
    void hangUp() throws IOException, InterruptedException {
        if (lab != null) {
            lab.close();
            awaitEnd();
        }
    }

    /** Waits until the app has ended the conversation. */
    void awaitEnd() throws InterruptedException {
        conversation.join(PATIENCE_MS);
        assertFalse(conversation.isAlive());
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public JSONObject hello() {
        return Messages.putLimits(new JSONObject().put("pid", 1), limits);
    }

    @Override
    public JSONObject health() {
        return new JSONObject().put("clock_ns", 1);
    }

    @Override
    public void onState(LabState state) {
        LabConnection now = connection;
        if (now != null) {
            now.outbox().put(Messages.state(state));
        }
    }

    @Override
    public void onModel(LoadedModel model) {
        LabConnection now = connection;
        if (now != null) {
            now.outbox().put(Messages.model(model));
        }
    }

    @Override
    public void onSample(Sample sample, Recognition seen, LoadedModel model) {
        sequence = sample.sequence;
        LabConnection now = connection;
        if (now != null) {
            now.outbox().put(sample, seen);
        }
    }
}
