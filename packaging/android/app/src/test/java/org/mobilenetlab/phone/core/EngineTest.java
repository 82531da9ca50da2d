package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;
import static org.mobilenetlab.phone.core.EngineBench.picture;
import static org.mobilenetlab.phone.core.EngineBench.settings;

import java.util.Arrays;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;

public final class EngineTest {
    @Rule public final EngineBench bench = new EngineBench();

    private void assertRefused(String code, Action action) throws Exception {
        try {
            action.run();
            fail("not refused");
        } catch (LabException e) {
            assertEquals(code, e.code);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    @Test
    public void loadRunsOnceAndThatIsTheFirstSample() throws Exception {
        bench.load('A');
        EngineBench.Seen first = bench.next();
        assertEquals(0, first.sequence);
        assertEquals(1, first.generation);
        assertEquals(Sample.FIRST_AFTER_LOAD, first.flags);
        assertNull(first.recognition);
        assertEquals(0, first.convertNs);
        assertEquals(0, first.postNs);
        assertEquals(1, bench.engine.model().generation());
    }

    @Test
    public void untrainedModelMarksEverySample() throws Exception {
        bench.engine.call(() -> {
            bench.engine.load(new ModelInfo("u", "00", 8, true, Arrays.<String>asList(),
                    Reading.UNTOLD), FakeRuntime.model('A'), bench.engine.settings());
            return null;
        });
        assertEquals(Sample.FIRST_AFTER_LOAD | Sample.UNTRAINED, bench.next().flags);
        bench.engine.offer(picture(), "back");
        assertEquals(Sample.UNTRAINED, bench.next().flags);
    }

    @Test
    public void nothingRunsWhilePausedOrInTheBackground() throws Exception {
        bench.load('A');
        bench.next();
        bench.apply(settings(2, "xnnpack", "camera").withPaused(true));
        TestPicture picture = picture();
        bench.engine.offer(picture, "back");
        assertTrue(picture.closed);
        bench.apply(settings(2, "xnnpack", "camera"));
        bench.setForeground(false);
        assertEquals("background", bench.engine.state().errorCode);
        assertFalse(bench.engine.state().settings.paused);
        picture = picture();
        bench.engine.offer(picture, "back");
        assertTrue(picture.closed);
        bench.apply(settings(2, "xnnpack", "loop"));
        assertEquals("background", bench.engine.state().errorCode);
        bench.setForeground(false); // whatever ran would have told by now
        assertTrue(bench.samples.isEmpty());
        bench.setForeground(true);
        assertEquals(1, bench.next().sequence); // it goes on by itself
    }

    @Test
    public void modelThatIsBeingOpenedIsNoError() throws Exception {
        assertNull(bench.engine.state().errorCode);
        bench.setCameraError(new LabException("no_camera", "none"));
        assertNull(bench.engine.state().errorCode);
        bench.engine.call(() -> {
            bench.engine.fail(new LabException("no_model", "none"));
            return null;
        });
        assertEquals("no_model", bench.engine.state().errorCode);
        bench.load('A');
        assertEquals("no_camera", bench.engine.state().errorCode);
    }

    @Test
    public void theModelsErrorComesFirstThenTheBackgroundThenTheCameras() throws Exception {
        bench.load('A');
        bench.setCameraError(new LabException("camera_busy", "taken"));
        assertEquals("camera_busy", bench.engine.state().errorCode);
        bench.setForeground(false);
        assertEquals("background", bench.engine.state().errorCode);
        bench.engine.call(() -> {
            bench.engine.fail(new LabException("inference", "it broke"));
            return null;
        });
        assertEquals("inference", bench.engine.state().errorCode);
        assertEquals("it broke", bench.engine.state().errorText);
    }

    @Test
    public void changeOfThreadsOpensAnewAndGrowsTheGeneration() throws Exception {
        bench.load('A');
        bench.next();
        bench.apply(settings(3, "cpu", "camera"));
        assertEquals(2, bench.next().generation);
        assertEquals(Arrays.asList("open A/2/xnnpack", "open A/3/cpu", "close A/2/xnnpack"),
                bench.runtime.log);
        assertEquals("cpu", bench.engine.state().delegateApplied);
    }

    @Test
    public void badModelLeavesTheLastOneRunning() throws Exception {
        bench.load('A');
        bench.next();
        assertRefused("bad_model", () -> bench.load('X')); // cannot be opened
        assertRefused("inference", () -> bench.load('R')); // breaks in its first run
        assertEquals("A", bench.engine.model().info.name);
        bench.engine.offer(picture(), "back");
        assertEquals(1, bench.next().generation);
        assertTrue(bench.runtime.log.contains("close R/2/xnnpack"));
        assertFalse(bench.runtime.log.contains("close A/2/xnnpack"));
    }

    @Test
    public void modelThatDoesNotFitItsTaskOrTheAppIsClosedAgain() throws Exception {
        bench.load('A');
        assertRefused("bad_model", () -> bench.load('B', Reading.of("detection", null, null)));
        bench.runtime.input = new TensorSpec(new int[] {1, 4, 4, 1}, "uint8", 1 / 128f, 128);
        assertRefused("bad_model", () -> bench.load('C'));
        bench.runtime.input = new TensorSpec(new int[] {1, 2048, 2048, 3}, "uint8", 1 / 128f, 128);
        assertRefused("bad_model", () -> bench.load('D'));
        bench.runtime.input = new TensorSpec(new int[] {1, 4, 4, 3}, "uint8", 1 / 128f, 128);
        bench.runtime.outputs = Arrays.asList(new TensorSpec(
                new int[] {1, Integer.MAX_VALUE}, "float32", 0, 0)); // no memory for it
        assertRefused("bad_model", () -> bench.load('E'));
        assertEquals("A", bench.engine.model().info.name);
        for (String closed : Arrays.asList("B", "C", "D", "E")) {
            assertTrue(closed, bench.runtime.log.contains("close " + closed + "/2/xnnpack"));
        }
    }

    @Test
    public void modelThatCannotBeKeptLeavesTheLastOneRunning() throws Exception {
        bench.load('A');
        assertRefused("no_space", () -> bench.engine.call(() -> {
            bench.engine.load(FakeRuntime.info("B"), FakeRuntime.model('B'),
                    bench.engine.settings(), () -> {
                        throw new LabException("no_space", "full");
                    });
            return null;
        }));
        assertEquals("A", bench.engine.model().info.name);
        assertTrue(bench.runtime.log.contains("close B/2/xnnpack"));
    }

    @Test
    public void delegateThatOpensNothingChangesNothing() throws Exception {
        bench.load('A');
        bench.next();
        bench.runtime.refuses = "nnapi";
        assertRefused("bad_model", () -> bench.apply(settings(2, "nnapi", "camera")));
        assertEquals("xnnpack", bench.engine.state().settings.delegate);
    }

    @Test
    public void delegateThatGivesWayIsReportedWithTheReason() throws Exception {
        bench.load('A');
        bench.runtime.cannot = "gpu";
        bench.apply(settings(2, "gpu", "camera"));
        LabState state = bench.engine.state();
        assertEquals("gpu", state.settings.delegate);
        assertEquals("xnnpack", state.delegateApplied);
        assertEquals("It takes none of the operations.", state.delegateNote);
        bench.apply(settings(2, "cpu", "camera"));
        assertEquals("cpu", bench.engine.state().delegateApplied);
        assertEquals("", bench.engine.state().delegateNote);
    }

    @Test
    public void failingRunStopsAndSaysSoUntilAModelRuns() throws Exception {
        bench.load('A');
        bench.next();
        bench.runtime.runFails = true;
        TestPicture picture = picture();
        bench.engine.offer(picture, "back");
        bench.awaitError("inference");
        assertTrue(picture.closed);
        TestPicture refused = picture();
        bench.engine.offer(refused, "back");
        assertTrue(refused.closed);
        bench.runtime.runFails = false;
        bench.load('B');
        assertNull(bench.engine.state().errorCode);
    }

    @Test
    public void whatIsAbsentIsReadFromTheOutputs() throws Exception {
        bench.load('A');
        assertEquals("classification", bench.engine.model().task);
        assertEquals(Fit.CROP, bench.engine.model().fit);
        bench.runtime.outputs = Arrays.asList(
                new TensorSpec(new int[] {1, 2, 2}, "uint8", 0, 0));
        bench.load('B');
        assertEquals("segmentation", bench.engine.model().task);
        assertEquals(Fit.STRETCH, bench.engine.model().fit);
        bench.load('C', Reading.of(null, "letterbox", null));
        assertEquals(Fit.LETTERBOX, bench.engine.model().fit);
    }

    @Test
    public void mapIsNotWrittenOverByTheNextRun() throws Exception {
        bench.runtime.outputs = Arrays.asList(
                new TensorSpec(new int[] {1, 2, 2}, "uint8", 0, 0));
        bench.runtime.answer = new byte[] {7, 7, 0, 3};
        bench.load('A');
        bench.next();
        bench.engine.offer(picture(), "back");
        Recognition first = bench.next().recognition;
        bench.runtime.answer = new byte[] {1, 1, 1, 1};
        bench.engine.offer(picture(), "back");
        Recognition second = bench.next().recognition;
        assertEquals(Recognition.MAP, first.kind);
        assertArrayEquals(new byte[] {7, 7, 0, 3}, first.cells);
        assertArrayEquals(new int[] {7, 0, 3}, first.classes);
        assertArrayEquals(new float[] {0.5f, 0.25f, 0.25f}, first.scores, 0);
        assertArrayEquals(new byte[] {1, 1, 1, 1}, second.cells);
    }

    @Test
    public void failureOfOneTaskIsTheCallersAlone() throws Exception {
        List<String> log = bench.runtime.log;
        assertRefused("bad_value", () -> bench.engine.call(() -> {
            throw new LabException("bad_value", "no");
        }));
        bench.load('A');
        assertEquals(Arrays.asList("open A/2/xnnpack"), log);
    }
}
