package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.Before;
import org.junit.Test;

public final class EngineTest {
    private static final class Seen {
        int sequence;
        int generation;
        int flags;
        long cameraNs;
        long convertNs;
        long postNs;
        Recognition recognition;
    }

    private final FakeRuntime runtime = new FakeRuntime();
    private final BlockingQueue<Seen> samples = new LinkedBlockingQueue<>();
    private final CountDownLatch broke = new CountDownLatch(1);
    private Engine engine;

    @Before
    public void startEngine() throws Exception {
        Engine.Listener listener = new Engine.Listener() {
            @Override
            public void onState(LabState state) {
                if ("inference".equals(state.errorCode)) {
                    broke.countDown();
                }
            }

            @Override
            public void onModel(LoadedModel model) {
            }

            @Override
            public void onSample(Sample sample, Recognition seen, LoadedModel model) {
                Seen copy = new Seen();
                copy.sequence = sample.sequence;
                copy.generation = sample.generation;
                copy.flags = sample.flags;
                copy.cameraNs = sample.cameraNs;
                copy.convertNs = sample.convertNs;
                copy.postNs = sample.postNs;
                copy.recognition = seen;
                samples.add(copy);
            }
        };
        engine = new Engine(System::nanoTime, runtime, settings(2, "xnnpack", "camera"), listener);
        engine.start();
        engine.call(() -> {
            engine.setForeground(true);
            return null;
        });
    }

    private static Settings settings(int threads, String delegate, String source)
            throws LabException {
        return new Settings(threads, delegate, source, false);
    }

    private void load(char name) throws Exception {
        engine.call(() -> {
            engine.load(FakeRuntime.info("" + name), FakeRuntime.model(name), engine.settings());
            return null;
        });
    }

    private void apply(Settings wanted) throws Exception {
        engine.call(() -> {
            engine.apply(wanted);
            return null;
        });
    }

    private Seen next() throws InterruptedException {
        Seen seen = samples.poll(20, TimeUnit.SECONDS);
        assertTrue("no sample came", seen != null);
        return seen;
    }

    private static TestPicture picture() {
        TestPicture picture = new TestPicture(4, 4, 0);
        picture.fill(200, 128, 128);
        return picture;
    }

    @Test
    public void loadRunsOnceAndThatIsTheFirstSample() throws Exception {
        load('A');
        Seen first = next();
        assertEquals(0, first.sequence);
        assertEquals(1, first.generation);
        assertEquals(Sample.FIRST_AFTER_LOAD, first.flags);
        assertNull(first.recognition);
        assertEquals(0, first.convertNs);
        assertEquals(0, first.postNs);
        assertEquals(1, engine.model().generation());
    }

    @Test
    public void pictureIsRecognisedAndClosed() throws Exception {
        load('A');
        next();
        TestPicture picture = picture();
        engine.offer(picture);
        Seen seen = next();
        assertTrue(picture.closed);
        assertEquals(1, seen.recognition.classes[0]);
        assertEquals(200 / 256f, seen.recognition.scores[0], 0);
        assertEquals(2, seen.cameraNs);
        assertEquals(0, seen.flags);
    }

    @Test
    public void newerPictureReplacesTheOneThatWaits() throws Exception {
        load('A');
        next();
        List<TestPicture> offered = Arrays.asList(picture(), picture(), picture());
        engine.call(() -> { // keeps the engine busy meanwhile
            for (TestPicture picture : offered) {
                engine.offer(picture);
            }
            assertTrue(offered.get(0).closed);
            assertTrue(offered.get(1).closed);
            assertFalse(offered.get(2).closed);
            return null;
        });
        next();
        assertTrue(offered.get(2).closed);
    }

    @Test
    public void nothingRunsWhilePausedOrInTheBackground() throws Exception {
        load('A');
        next();
        apply(new Settings(2, "xnnpack", "camera", true));
        TestPicture picture = picture();
        engine.offer(picture);
        assertTrue(picture.closed);
        apply(settings(2, "xnnpack", "camera"));
        engine.call(() -> {
            engine.setForeground(false);
            return null;
        });
        assertEquals("background", engine.state().errorCode);
        assertFalse(engine.state().settings.paused);
        picture = picture();
        engine.offer(picture);
        assertTrue(picture.closed);
        apply(settings(2, "xnnpack", "loop"));
        assertEquals("background", engine.state().errorCode);
        assertNull(samples.poll(100, TimeUnit.MILLISECONDS));
    }

    @Test
    public void modelThatIsBeingOpenedIsNoError() throws Exception {
        assertNull(engine.state().errorCode);
        engine.call(() -> {
            engine.setCameraError(new LabException("no_camera", "none"));
            return null;
        });
        assertNull(engine.state().errorCode);
        engine.call(() -> {
            engine.fail(new LabException("no_model", "none"));
            return null;
        });
        assertEquals("no_model", engine.state().errorCode);
        load('A');
        assertEquals("no_camera", engine.state().errorCode);
    }

    @Test
    public void threadsOfAnApkAreCutToFitAndBothNumbersKept() throws Exception {
        Settings cut = Settings.fitting(64, "cpu", "loop");
        assertEquals(Settings.MAX_THREADS, cut.threads);
        assertEquals(64, cut.with(null, null, null, true).threadsAsked);
        assertEquals(2, cut.with(2, null, null, null).threadsAsked);
    }

    @Test
    public void loopNeedsNoCamera() throws Exception {
        load('A');
        next();
        engine.call(() -> {
            engine.setCameraError(new LabException("no_camera", "none"));
            return null;
        });
        assertEquals("no_camera", engine.state().errorCode);
        apply(settings(2, "xnnpack", "loop"));
        assertNull(engine.state().errorCode);
        for (int sequence = 1; sequence < 4; sequence++) {
            Seen seen = next();
            assertEquals(sequence, seen.sequence);
            assertNull(seen.recognition);
            assertEquals(0, seen.convertNs);
            assertEquals(0, seen.postNs);
        }
    }

    @Test
    public void changeOfThreadsOpensAnewAndGrowsTheGeneration() throws Exception {
        load('A');
        next();
        apply(settings(3, "cpu", "camera"));
        assertEquals(2, next().generation);
        assertEquals(Arrays.asList("open A/2/xnnpack", "open A/3/cpu", "close A/2/xnnpack"),
                runtime.log);
        assertEquals("cpu", engine.state().delegateApplied);
    }

    @Test
    public void badModelLeavesTheLastOneRunning() throws Exception {
        load('A');
        next();
        for (char bad : new char[] {'X', 'R'}) { // cannot be opened; breaks in its first run
            try {
                load(bad);
                fail("loaded");
            } catch (LabException e) {
                assertEquals("A", engine.model().info.name);
            }
        }
        engine.offer(picture());
        assertEquals(1, next().generation);
        assertTrue(runtime.log.contains("close R/2/xnnpack"));
        assertFalse(runtime.log.contains("close A/2/xnnpack"));
    }

    @Test
    public void refusedDelegateChangesNothing() throws Exception {
        load('A');
        next();
        runtime.refuses = "nnapi";
        try {
            apply(settings(2, "nnapi", "camera"));
            fail("applied");
        } catch (LabException e) {
            assertEquals("xnnpack", engine.state().settings.delegate);
        }
    }

    @Test
    public void failingRunStopsAndSaysSo() throws Exception {
        load('A');
        next();
        runtime.runFails = true;
        TestPicture picture = picture();
        engine.offer(picture);
        assertTrue(broke.await(20, TimeUnit.SECONDS));
        assertTrue(picture.closed);
        TestPicture next = picture();
        engine.offer(next);
        assertTrue(next.closed);
    }
}
