package org.mobilenetlab.phone.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;

/**
 * What waits to be sent to one lab.
 *
 * <p>The engine puts and never waits: when the lab reads too slowly the oldest samples are
 * dropped and counted, and results are not taken. Messages that may not be lost (STATE, MODEL,
 * ANSWER, ...) wait in a queue whose overflow ends the connection. {@link #take} hands out
 * messages first, then results, then samples, all from one moment: so a MODEL always comes before
 * the samples of its generation and a RESULT before the sample that refers to it.
 */
public final class Outbox {
    static final int MAX_SAMPLES = 64;
    private static final int MAX_MESSAGES = 256;
    private static final int MAX_RESULTS = 8;
    private static final int EAGER_SAMPLES = 32;
    private static final long RESULT_INTERVAL_NS = 1_000_000_000L / 30;

    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
    private final ByteBuffer results = buffer(MAX_RESULTS * ResultRecord.MAX_BYTES);
    private final ByteBuffer samples = buffer(MAX_SAMPLES * Sample.BYTES);
    private int sampleCount;
    private int resultCount;
    private int firstSample;
    private long lastResultNs = Long.MIN_VALUE / 2;
    private long dropped;
    private boolean closed;

    /** Queues a whole encoded message; a lab that leaves too many unread is cut off. */
    public synchronized void put(byte[] message) {
        if (messages.size() >= MAX_MESSAGES) {
            closed = true;
        } else if (!closed) {
            messages.add(message);
        }
        notifyAll();
    }

    /**
     * Queues a sample, and its result where there is one and it is time for one. Never blocks.
     * Sets {@code sample.result} to what was decided.
     */
    public synchronized void put(Sample sample, Recognition seen) {
        if (closed) {
            return;
        }
        sample.result = Sample.NO_RESULT;
        boolean due = sample.finishedNs - lastResultNs >= RESULT_INTERVAL_NS;
        if (seen != null && due && resultCount < MAX_RESULTS) {
            ResultRecord.put(results, sample.sequence, sample.generation, seen);
            sample.result = sample.sequence;
            lastResultNs = sample.finishedNs;
            resultCount++;
        }
        if (sampleCount == MAX_SAMPLES) {
            firstSample = (firstSample + 1) % MAX_SAMPLES;
            sampleCount--;
            dropped++;
        }
        int slot = (firstSample + sampleCount) % MAX_SAMPLES;
        samples.position(slot * Sample.BYTES);
        sample.putInto(samples);
        sampleCount++;
        if (sampleCount == EAGER_SAMPLES) {
            notifyAll();
        }
    }

    /**
     * Waits up to {@code millis} for a message or many samples, then moves all there is into
     * {@code into} (little-endian, cleared here).
     *
     * @return false once the box is closed and empty
     */
    synchronized boolean take(ByteBuffer into, long millis) throws InterruptedException {
        if (millis > 0 && !closed && messages.isEmpty() && sampleCount < EAGER_SAMPLES) {
            wait(millis);
        }
        into.clear();
        while (!messages.isEmpty() && messages.peek().length <= into.remaining()) {
            into.put(messages.poll());
        }
        if (!messages.isEmpty()) {
            return true; // the rest, and what was measured since, goes with the next call
        }
        int needed = results.position() + Wire.HEADER_BYTES + sampleCount * Sample.BYTES;
        if (needed > into.remaining()) {
            return true;
        }
        results.flip();
        into.put(results);
        results.clear();
        resultCount = 0;
        takeSamples(into);
        return !closed || into.position() > 0;
    }

    private void takeSamples(ByteBuffer into) {
        if (sampleCount == 0) {
            return;
        }
        WireWriter.putHeader(into, Wire.SAMPLES, sampleCount * Sample.BYTES);
        for (int i = 0; i < sampleCount; i++) {
            int from = (firstSample + i) % MAX_SAMPLES * Sample.BYTES;
            into.put(samples.array(), from, Sample.BYTES);
        }
        sampleCount = 0;
        firstSample = 0;
    }

    /** What is in it is still handed out; nothing more is taken in. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Samples that a slow lab has missed. */
    public synchronized long dropped() {
        return dropped;
    }

    /** Room for the largest message there may be, and then some. */
    static ByteBuffer takeBuffer() {
        return buffer(Wire.HEADER_BYTES + Wire.MAX_PAYLOAD + (1 << 16));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
