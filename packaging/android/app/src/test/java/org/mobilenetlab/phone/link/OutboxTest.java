package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;

public final class OutboxTest {
    private static final Recognition SEEN =
            new Recognition(new int[] {1}, new float[] {0.5f}, null);
    private static final long SECOND = 1_000_000_000L;

    private final Outbox outbox = new Outbox();
    private final ByteBuffer batch = Outbox.takeBuffer();

    private Sample put(int sequence, long finishedNs) {
        Sample sample = new Sample();
        sample.sequence = sequence;
        sample.finishedNs = finishedNs;
        outbox.put(sample, SEEN);
        return sample;
    }

    /** Types of the messages in the batch. */
    private List<Integer> types() {
        List<Integer> types = new ArrayList<>();
        for (int at = 0; at < batch.position(); at += 8 + batch.getInt(at + 4)) {
            types.add((int) batch.getShort(at));
        }
        return types;
    }

    @Test
    public void messagesGoBeforeResultsAndResultsBeforeSamples() throws Exception {
        put(0, SECOND);
        outbox.put(Messages.bye("x", "y"));
        assertTrue(outbox.take(batch, 0));
        assertEquals(Arrays.asList(Wire.BYE, Wire.RESULT, Wire.SAMPLES), types());
    }

    @Test
    public void resultsComeAtMostThirtyTimesPerSecond() throws Exception {
        int results = 0;
        for (int i = 0; i < 500; i++) {
            results += put(i, 5 * SECOND + i * 2_000_000L).result == i ? 1 : 0;
            if (i % 20 == 0) {
                outbox.take(batch, 0);
            }
        }
        assertTrue("" + results, results > 20 && results <= 30);
    }

    @Test
    public void slowLabLosesTheOldestSamplesAndTheyAreCounted() throws Exception {
        for (int i = 0; i < 100; i++) {
            put(i, i);
        }
        assertEquals(36, outbox.dropped());
        outbox.take(batch, 0);
        assertEquals(Arrays.asList(Wire.RESULT, Wire.SAMPLES), types());
        int samples = 8 + batch.getInt(4);
        assertEquals(64 * Sample.BYTES, batch.getInt(samples + 4));
        for (int i = 0; i < 64; i++) {
            assertEquals(36 + i, batch.getInt(samples + 8 + i * Sample.BYTES));
        }
    }

    @Test
    public void takenSamplesAreNotSentAgain() throws Exception {
        put(0, SECOND);
        outbox.take(batch, 0);
        outbox.put(Messages.bye("x", "y"));
        outbox.take(batch, 0);
        assertEquals(Arrays.asList(Wire.BYE), types());
    }

    @Test
    public void closedBoxHandsOutWhatIsLeft() throws Exception {
        outbox.put(Messages.bye("x", "y"));
        outbox.close();
        assertTrue(outbox.take(batch, 0));
        assertEquals(Arrays.asList(Wire.BYE), types());
        assertFalse(outbox.take(batch, 0));
    }

    @Test
    public void labThatReadsNothingIsCutOff() throws Exception {
        for (int i = 0; i < 300; i++) {
            outbox.put(Messages.bye("x", "y"));
        }
        assertTrue(outbox.take(batch, 0));
        assertEquals(256, types().size());
        assertFalse(outbox.take(batch, 0));
    }

    @Test
    public void largeMessagesAreSentOneByOneAndInOrder() throws Exception {
        byte[] large = WireWriter.encode(Wire.MODEL, new byte[Wire.MAX_PAYLOAD]);
        outbox.put(large);
        outbox.put(large);
        put(0, SECOND);
        outbox.take(batch, 0);
        assertEquals(Arrays.asList(Wire.MODEL), types());
        outbox.take(batch, 0);
        assertEquals(Wire.MODEL, (int) types().get(0));
        if (types().size() == 1) {
            outbox.take(batch, 0);
        }
        assertEquals(Wire.SAMPLES, (int) types().get(types().size() - 1));
    }
}
