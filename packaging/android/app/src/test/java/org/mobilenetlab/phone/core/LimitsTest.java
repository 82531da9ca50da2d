package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.util.Arrays;
import java.util.Collections;
import org.junit.Test;

/** What was asked for (Settings), and what this phone has (Limits). */
public final class LimitsTest {
    private static final Limits SMALL = new Limits(
            Arrays.asList("front"), 0, Arrays.asList("cpu", "xnnpack"), 4);

    private interface Action {
        void run() throws LabException;
    }

    private static void assertBadValue(String word, Action action) {
        try {
            action.run();
            fail("taken: " + word);
        } catch (LabException e) {
            assertEquals("bad_value", e.code);
            assertTrue(e.getMessage(), e.getMessage().contains(word));
        }
    }

    @Test
    public void sourcesFollowFromWhatThereIs() {
        assertEquals(Arrays.asList("camera", "loop"), SMALL.sources);
        assertEquals(Arrays.asList("camera", "pictures", "loop"),
                new Limits(Settings.CAMERAS, 6, Settings.DELEGATES, 8).sources);
        assertEquals(Arrays.asList("loop"),
                new Limits(Collections.<String>emptyList(), 0, Settings.DELEGATES, 8).sources);
    }

    @Test
    public void whatThisPhoneHasNotIsRefused() throws Exception {
        SMALL.check(null, null, null, null);
        SMALL.check(4, "cpu", "camera", "front");
        assertBadValue("4", () -> SMALL.check(5, null, null, null));
        assertBadValue("4", () -> SMALL.check(0, null, null, null));
        assertBadValue("gpu", () -> SMALL.check(null, "gpu", null, null));
        assertBadValue("pictures", () -> SMALL.check(null, null, "pictures", null));
        assertBadValue("back", () -> SMALL.check(null, null, null, "back"));
    }

    @Test
    public void anApkMayAskForMoreThanThePhoneHas() throws Exception {
        Settings cut = SMALL.fitting(64, "gpu", "pictures");
        assertEquals(4, cut.threads);
        assertEquals(64, cut.threadsAsked);
        assertEquals("gpu", cut.delegate); // why it is not, the runtime says
        assertEquals("pictures", cut.source);
        assertEquals("front", cut.camera);
        assertEquals(64, cut.withPaused(true).threadsAsked);
        assertEquals(2, cut.with(2, null, null, null, null).threadsAsked);
        assertEquals("back", new Limits(Settings.CAMERAS, 0, Settings.DELEGATES, 8)
                .fitting(4, "cpu", "camera").camera);
    }

    @Test
    public void wordsThatNobodyKnowsAreRefused() {
        assertBadValue("tpu", () -> SMALL.fitting(4, "tpu", "camera"));
        assertBadValue("film", () -> SMALL.fitting(4, "cpu", "film"));
        assertBadValue("thread", () -> SMALL.fitting(0, "cpu", "camera"));
        assertBadValue("side", () -> new Settings(1, "cpu", "loop", "side", false));
    }

    @Test
    public void readingKnowsItsWords() throws Exception {
        Reading reading = Reading.of("segmentation", "letterbox", "logits");
        assertEquals("segmentation", reading.task);
        assertEquals(Fit.LETTERBOX, reading.fit);
        assertEquals("logits", reading.scores);
        assertBadValue("poetry", () -> Reading.of("poetry", null, null));
        assertBadValue("CROP", () -> Reading.of(null, "CROP", null));
        assertBadValue("sure", () -> Reading.of(null, null, "sure"));
        assertBadValue("5", () -> Reading.of(5, null, null));
    }
}
