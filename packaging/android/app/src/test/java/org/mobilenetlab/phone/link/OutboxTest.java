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
            Recognition.classes(new int[] {1}, new float[] {0.5f});
    private static final Recognition LARGEST_MAP = Recognition.map(new int[] {0},
            new float[] {1}, 512, 512, new byte[Recognition.MAX_CELLS]);
    private static final long SECOND = 1_000_000_000L;

    private final Outbox outbox = new Outbox();
    private final ByteBuffer batch = Outbox.takeBuffer();

    private Sample put(int sequence, long finishedNs) {
        return put(sequence, finishedNs, SEEN);
    }

    private Sample put(int sequence, long finishedNs, Recognition seen) {
        Sample sample = new Sample();
        sample.sequence = sequence;
        sample.finishedNs = finishedNs;
        outbox.put(sample, seen);
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

    /** When results were taken in 20 s with samples this far apart, every other one late. */
    private List<Long> resultTimes(long firstNs, long stepNs, long lateNs) throws Exception {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i * stepNs < 20 * SECOND; i++) {
            Sample sample = put(i, firstNs + i * stepNs + i % 2 * lateNs);
            if (sample.result == i) {
                times.add(sample.finishedNs);
            }
            outbox.take(batch, 0);
        }
        return times;
    }

    @Test
    public void noSecondHasMoreThanThirtyResults() throws Exception {
        long first = 5 * SECOND;
        for (long step : new long[] {100_000, 2_000_000, 7_000_000, 16_666_667, 31_000_000}) {
            List<Long> times = resultTimes(first, step, 0);
            for (int i = 30; i < times.size(); i++) {
                assertTrue("" + step, times.get(i) - times.get(i - 30) >= SECOND);
            }
            assertTrue(step + ": " + times.size(), times.size() > 20 * 25);
            first += 100 * SECOND;
        }
    }

    @Test
    public void cameraThatWaversAtThirtyHertzLosesHardlyAResult() throws Exception {
        int results = resultTimes(5 * SECOND, 33_333_333, 4_000_000).size();
        assertTrue("" + results, results > 20 * 28);
    }

    @Test
    public void slowLabIsSentOneLargeMapNotManyOldOnes() throws Exception {
        int taken = 0;
        for (int i = 0; i < 20; i++) {
            taken += put(i, (i + 1) * SECOND, LARGEST_MAP).result == i ? 1 : 0;
        }
        assertEquals(1, taken);
        outbox.take(batch, 0);
        assertEquals(Arrays.asList(Wire.RESULT, Wire.SAMPLES), types());
        assertEquals(12 + 8 + 4 + Recognition.MAX_CELLS, batch.getInt(4));
        assertEquals(21, put(21, 30 * SECOND, LARGEST_MAP).result);
    }

    @Test
    public void resultsOfASlowLabAreFewAndComeInOrder() throws Exception {
        for (int i = 0; i < 20; i++) {
            put(i, (i + 1) * SECOND);
        }
        outbox.take(batch, 0);
        List<Integer> sequences = new ArrayList<>();
        for (int at = 0; batch.getShort(at) == Wire.RESULT; at += 8 + batch.getInt(at + 4)) {
            sequences.add(batch.getInt(at + 8));
        }
        assertEquals(Arrays.asList(0, 1, 2, 3, 4, 5, 6, 7), sequences);
    }

    @Test
    public void labThatLeavesManyLargeMessagesUnreadIsCutOff() throws Exception {
        byte[] large = WireWriter.encode(Wire.MODEL, new byte[Wire.MAX_PAYLOAD]);
        int sent = 0;
        for (int i = 0; i < 100; i++) {
            outbox.put(large);
        }
        while (outbox.take(batch, 0)) {
            sent += types().size();
        }
        assertTrue("" + sent, sent >= 8 && sent <= 10);
    }

    @Test
    public void slowLabLosesTheOldestSamples() throws Exception {
        for (int i = 0; i < 100; i++) {
            put(i, i);
        }
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
    public void resultIsTakenAtOnce() throws Exception {
        Thread writer = new Thread(() -> {
            try {
                outbox.take(batch, 3_600_000); // an hour, unless something is there to be sent
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        writer.start();
        put(0, SECOND);
        writer.join(20_000);
        assertFalse(writer.isAlive());
        assertEquals(Arrays.asList(Wire.RESULT, Wire.SAMPLES), types());
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
