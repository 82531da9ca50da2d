package org.mobilenetlab.phone.core;

import java.util.Arrays;

/**
 * The two numbers on the phone's own screen, over the last second or so. The lab computes its own
 * from the raw samples. One thread; no allocation.
 */
public final class Measurement {
    private static final int WINDOW = 64;

    private final long[] inferNs = new long[WINDOW];
    private final long[] finishedNs = new long[WINDOW];
    private final long[] sorted = new long[WINDOW];
    private int count;

    public void clear() {
        count = 0;
    }

    public void add(long infer, long finished) {
        inferNs[count % WINDOW] = infer;
        finishedNs[count % WINDOW] = finished;
        count++;
    }

    /** Median latency in milliseconds; 0 before the first sample. */
    public float medianMs() {
        int held = Math.min(count, WINDOW);
        if (held == 0) {
            return 0;
        }
        System.arraycopy(inferNs, 0, sorted, 0, held);
        Arrays.sort(sorted, 0, held);
        return (sorted[(held - 1) / 2] + sorted[held / 2]) / 2e6f;
    }

    /** Results per second of wall time; 0 before the second sample. */
    public float pipelineFps() {
        int held = Math.min(count, WINDOW);
        if (held < 2) {
            return 0;
        }
        long last = finishedNs[(count - 1) % WINDOW];
        long first = finishedNs[(count - held) % WINDOW];
        return last > first ? (held - 1) * 1e9f / (last - first) : 0;
    }
}
