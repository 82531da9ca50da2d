package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.mobilenetlab.phone.core.EngineBench.picture;
import static org.mobilenetlab.phone.core.EngineBench.plain;
import static org.mobilenetlab.phone.core.EngineBench.settings;

import java.util.Arrays;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;

/** Where the pictures come from: the camera, the APK, or nowhere. */
public final class EngineSourcesTest {
    private static final int[] REDS = {40, 80, 120};

    @Rule public final EngineBench bench = new EngineBench();

    private void showPictures() throws Exception {
        bench.engine.call(() -> {
            bench.engine.setPictures(
                    Arrays.asList(plain(REDS[0]), plain(REDS[1]), plain(REDS[2])));
            return null;
        });
        bench.apply(settings(2, "xnnpack", "pictures"));
        bench.load('A');
        assertNull(bench.next().recognition); // the first run is on the fixed tensor
    }

    /** The next sample is of this picture. */
    private EngineBench.Seen assertNext(int number) throws Exception {
        EngineBench.Seen seen = bench.next();
        assertEquals(number, seen.recognition.picture);
        return seen;
    }

    /** Stops, and forgets what was seen until then; returns the number that comes next. */
    private int stop() throws Exception {
        bench.apply(bench.engine.settings().withPaused(true));
        bench.samples.clear();
        return bench.lastPicture % REDS.length + 1;
    }

    @Test
    public void cameraPictureIsRecognisedAndClosed() throws Exception {
        bench.load('A');
        bench.next();
        TestPicture picture = picture();
        bench.engine.offer(picture, "back");
        EngineBench.Seen seen = bench.next();
        assertTrue(picture.closed);
        assertEquals(1, seen.recognition.classes[0]);
        assertEquals(200 / 256f, seen.recognition.scores[0], 0);
        assertEquals(0, seen.recognition.picture);
        assertEquals(1, seen.capturedNs);
        assertEquals(2, seen.cameraNs);
        assertEquals(0, seen.flags);
    }

    @Test
    public void newerPictureReplacesTheOneThatWaits() throws Exception {
        bench.load('A');
        bench.next();
        List<TestPicture> offered = Arrays.asList(picture(), picture(), picture());
        bench.engine.call(() -> { // keeps the engine busy meanwhile
            for (TestPicture picture : offered) {
                bench.engine.offer(picture, "back");
            }
            assertTrue(offered.get(0).closed);
            assertTrue(offered.get(1).closed);
            assertFalse(offered.get(2).closed);
            return null;
        });
        bench.next();
        assertTrue(offered.get(2).closed);
    }

    @Test
    public void lateOneOfTheOtherCameraIsNotTaken() throws Exception {
        bench.load('A');
        bench.next();
        TestPicture waiting = picture();
        bench.engine.call(() -> {
            bench.engine.offer(waiting, "back");
            bench.engine.apply(new Settings(2, "xnnpack", "camera", "front", false));
            return null;
        });
        assertTrue(waiting.closed);
        TestPicture late = picture();
        bench.engine.offer(late, "back");
        assertTrue(late.closed);
        bench.engine.offer(picture(), "front");
        assertEquals(1, bench.next().sequence);
        assertEquals(Arrays.asList("open A/2/xnnpack"), bench.runtime.log);
        assertEquals("front", bench.engine.state().settings.camera);
    }

    @Test
    public void loopNeedsNoCamera() throws Exception {
        bench.load('A');
        bench.next();
        bench.setCameraError(new LabException("no_camera", "none"));
        assertEquals("no_camera", bench.engine.state().errorCode);
        bench.apply(settings(2, "xnnpack", "loop"));
        assertNull(bench.engine.state().errorCode);
        for (int sequence = 1; sequence < 4; sequence++) {
            EngineBench.Seen seen = bench.next();
            assertEquals(sequence, seen.sequence);
            assertNull(seen.recognition);
            assertEquals(0, seen.cameraNs);
            assertEquals(0, seen.convertNs);
            assertEquals(0, seen.postNs);
        }
    }

    @Test
    public void picturesComeInTheirOrderRoundAndRound() throws Exception {
        showPictures();
        long before = 0;
        for (int i = 0; i < 7; i++) {
            EngineBench.Seen seen = assertNext(i % 3 + 1);
            assertEquals(REDS[i % 3] / 256f, seen.recognition.scores[0], 0);
            assertEquals(0, seen.cameraNs);
            assertTrue(seen.convertNs > 0);
            assertTrue(seen.capturedNs > before);
            before = seen.capturedNs;
        }
    }

    @Test
    public void picturesNeedNoCameraAndTakeNoneOfIts() throws Exception {
        showPictures();
        bench.setCameraError(new LabException("camera_permission", "forbidden"));
        assertNull(bench.engine.state().errorCode);
        TestPicture picture = picture();
        bench.engine.offer(picture, "back");
        assertTrue(picture.closed);
        assertFalse(bench.engine.state().wantsCamera());
    }

    @Test
    public void picturesBeginAnewAtEachLoad() throws Exception {
        showPictures();
        assertNext(1);
        assertNext(2);
        stop();
        bench.load('B');
        assertNull(bench.next().recognition);
        bench.apply(bench.engine.settings().withPaused(false));
        assertNext(1);
        stop();
        bench.apply(new Settings(3, "xnnpack", "pictures", "back", false)); // opens it anew
        assertNull(bench.next().recognition);
        assertNext(1);
    }

    @Test
    public void picturesBeginAnewEachTimeTheSourceBecomesPictures() throws Exception {
        showPictures();
        assertNext(1);
        int next = stop();
        bench.apply(settings(2, "xnnpack", "pictures")); // it was that already
        assertNext(next);
        stop();
        bench.apply(settings(2, "xnnpack", "loop").withPaused(true));
        bench.apply(settings(2, "xnnpack", "pictures"));
        assertNext(1);
        assertNext(2);
    }

    @Test
    public void picturesGoOnAfterAPauseAndTheBackground() throws Exception {
        showPictures();
        int next = stop();
        bench.apply(bench.engine.settings().withPaused(false));
        assertNext(next);
        next = stop();
        bench.setForeground(false);
        bench.apply(bench.engine.settings().withPaused(false));
        assertTrue(bench.samples.isEmpty());
        bench.setForeground(true);
        assertNext(next);
    }

    @Test
    public void noPicturesIsSaidAndAnotherSourceMendsIt() throws Exception {
        bench.apply(settings(2, "xnnpack", "pictures"));
        bench.load('A');
        bench.next();
        assertEquals("no_pictures", bench.engine.state().errorCode);
        assertTrue(bench.engine.state().errorText.contains("no pictures"));
        bench.apply(settings(2, "xnnpack", "loop"));
        assertNull(bench.engine.state().errorCode);
        assertEquals(1, bench.next().sequence);
    }
}
