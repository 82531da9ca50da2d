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
 * dropped (their sequence tells), and results are not taken. Messages that may not be lost
 * (STATE, MODEL, ANSWER, ...) wait in a queue whose overflow ends the connection. A result, which
 * never changes, waits as it is and is written only when it is taken; those that wait have few
 * bytes together, so that a slow lab is sent a fresh map, not old ones. {@link #take} hands out
 * messages first, then results, then samples, all from one moment: so a MODEL always comes before
 * the samples of its generation and a RESULT before the sample that refers to it.
 */
public final class Outbox {
    static final int MAX_SAMPLES = 64;
    private static final int MAX_MESSAGES = 256;
    private static final int MAX_MESSAGE_BYTES = 8 << 20;
    private static final int MAX_RESULTS = 8;
    /** Of one there is always room. */
    private static final int MAX_RESULT_BYTES = 1 << 18;
    private static final int EAGER_SAMPLES = 32;
    /**
     * A result may come so much earlier than its turn, or a camera whose pictures come a little
     * unevenly at 30 Hz would lose every other one.
     */
    private static final long RESULT_SLACK_NS = 20_000_000;
    /** From turn to turn: with the slack, in no second are there more than 30 results. */
    private static final long RESULT_TURN_NS = (1_000_000_000L + RESULT_SLACK_NS) / 30;

    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
    private int messageBytes;
    private final Recognition[] results = new Recognition[MAX_RESULTS];
    private final int[] resultSequences = new int[MAX_RESULTS];
    private final int[] resultGenerations = new int[MAX_RESULTS];
    private int resultCount;
    private int resultBytes;
    private long nextResultNs = Long.MIN_VALUE / 2;
    private final ByteBuffer samples = buffer(MAX_SAMPLES * Sample.BYTES);
    private int sampleCount;
    private int firstSample;
    private boolean closed;

    /** Queues a whole encoded message; a lab that leaves too many unread is cut off. */
    public synchronized void put(byte[] message) {
        if (messages.size() >= MAX_MESSAGES || messageBytes > MAX_MESSAGE_BYTES) {
            closed = true;
        } else if (!closed) {
            messages.add(message);
            messageBytes += message.length;
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
        boolean taken = seen != null && takeIn(sample, seen);
        sample.result = taken ? sample.sequence : Sample.NO_RESULT;
        if (sampleCount == MAX_SAMPLES) {
            firstSample = (firstSample + 1) % MAX_SAMPLES;
            sampleCount--;
        }
        int slot = (firstSample + sampleCount) % MAX_SAMPLES;
        samples.position(slot * Sample.BYTES);
        sample.putInto(samples);
        sampleCount++;
        if (taken || sampleCount == EAGER_SAMPLES) {
            notifyAll();
        }
    }

    private boolean takeIn(Sample sample, Recognition seen) {
        int size = ResultRecord.size(seen);
        boolean hasRoom = resultCount == 0
                || resultCount < MAX_RESULTS && resultBytes + size <= MAX_RESULT_BYTES;
        if (!hasRoom || sample.finishedNs < nextResultNs) {
            return false;
        }
        long turn = Math.max(nextResultNs, sample.finishedNs - RESULT_SLACK_NS);
        nextResultNs = turn + RESULT_TURN_NS;
        resultSequences[resultCount] = sample.sequence;
        resultGenerations[resultCount] = sample.generation;
        results[resultCount++] = seen;
        resultBytes += size;
        return true;
    }

    /**
     * Waits up to {@code millis} for a message, a result or many samples, then moves all there is
     * into {@code into} (little-endian, cleared here).
     *
     * @return false once the box is closed and empty
     */
    synchronized boolean take(ByteBuffer into, long millis) throws InterruptedException {
        boolean idle = messages.isEmpty() && resultCount == 0 && sampleCount < EAGER_SAMPLES;
        if (millis > 0 && !closed && idle) {
            wait(millis);
        }
        into.clear();
        while (!messages.isEmpty() && messages.peek().length <= into.remaining()) {
            byte[] message = messages.poll();
            messageBytes -= message.length;
            into.put(message);
        }
        if (!messages.isEmpty()) {
            return true; // the rest, and what was measured since, goes with the next call
        }
        int needed = resultBytes + Wire.HEADER_BYTES + sampleCount * Sample.BYTES;
        if (needed > into.remaining()) {
            return true;
        }
        takeResults(into);
        takeSamples(into);
        return !closed || into.position() > 0;
    }

    private void takeResults(ByteBuffer into) {
        for (int i = 0; i < resultCount; i++) {
            ResultRecord.put(into, resultSequences[i], resultGenerations[i], results[i]);
            results[i] = null;
        }
        resultCount = 0;
        resultBytes = 0;
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

    /** Room for the largest message there may be, and then some. */
    static ByteBuffer takeBuffer() {
        return buffer(Wire.HEADER_BYTES + Wire.MAX_PAYLOAD + (1 << 16));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
