package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertTrue;

import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.rules.ExternalResource;

/** An engine in front, with a fake runtime, and all that it tells. */
final class EngineBench extends ExternalResource implements Engine.Listener {
    static final long PATIENCE_S = 20;

    /** A sample's fields, which the engine overwrites, and what was seen. */
    static final class Seen {
        final int sequence;
        final int generation;
        final int flags;
        final long capturedNs;
        final long cameraNs;
        final long convertNs;
        final long postNs;
        final Recognition recognition;

        Seen(Sample sample, Recognition recognition) {
            sequence = sample.sequence;
            generation = sample.generation;
            flags = sample.flags;
            capturedNs = sample.capturedNs;
            cameraNs = sample.cameraNs;
            convertNs = sample.convertNs;
            postNs = sample.postNs;
            this.recognition = recognition;
        }
    }

    final FakeRuntime runtime = new FakeRuntime();
    final BlockingQueue<Seen> samples = new LinkedBlockingQueue<>();
    final BlockingQueue<LabState> states = new LinkedBlockingQueue<>();
    final Limits limits = new Limits(Settings.CAMERAS, 3, Settings.DELEGATES, 8);
    Engine engine;
    /** Number of the picture that was seen last. */
    volatile int lastPicture;

    @Override
    protected void before() throws Exception {
        engine = new Engine(System::nanoTime, runtime, settings(2, "xnnpack", "camera"), limits,
                this);
        engine.start();
        setForeground(true);
    }

    /** What runs by itself must not run on. */
    @Override
    protected void after() {
        engine.post(() -> engine.setForeground(false));
    }

    static Settings settings(int threads, String delegate, String source) throws LabException {
        return new Settings(threads, delegate, source, "back", false);
    }

    static TestPicture picture() {
        TestPicture picture = new TestPicture(4, 4, 0);
        picture.fill(200, 128, 128);
        return picture;
    }

    /** A picture all of one colour. */
    static RgbPicture plain(int red) {
        byte[] rgb = new byte[48];
        Arrays.fill(rgb, (byte) red);
        return new RgbPicture(4, 4, rgb);
    }

    void setForeground(boolean foreground) throws Exception {
        engine.call(() -> {
            engine.setForeground(foreground);
            return null;
        });
    }

    void setCameraError(LabException error) throws Exception {
        engine.call(() -> {
            engine.setCameraError(error);
            return null;
        });
    }

    void load(char name) throws Exception {
        load(name, Reading.UNTOLD);
    }

    void load(char name, Reading reading) throws Exception {
        engine.call(() -> {
            engine.load(FakeRuntime.info("" + name, reading), FakeRuntime.model(name),
                    engine.settings());
            return null;
        });
    }

    void apply(Settings wanted) throws Exception {
        engine.call(() -> {
            engine.apply(wanted);
            return null;
        });
    }

    Seen next() throws InterruptedException {
        Seen seen = samples.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertTrue("no sample came", seen != null);
        return seen;
    }

    /** Waits for a state with this error. */
    void awaitError(String code) throws InterruptedException {
        LabState state = states.poll(PATIENCE_S, TimeUnit.SECONDS);
        while (state != null && !code.equals(state.errorCode)) {
            state = states.poll(PATIENCE_S, TimeUnit.SECONDS);
        }
        assertTrue(code + " never came", state != null);
    }

    @Override
    public void onState(LabState state) {
        states.add(state);
    }

    @Override
    public void onModel(LoadedModel model) {
        // Engine.model() tells.
    }

    @Override
    public void onSample(Sample sample, Recognition seen, LoadedModel model) {
        samples.add(new Seen(sample, seen));
        lastPicture = seen == null ? 0 : seen.picture;
    }
}
