package org.mobilenetlab.phone;

import android.os.Debug;
import android.os.Handler;
import android.os.HandlerThread;
import android.os.Process;
import android.os.SystemClock;

/**
 * How much memory the app takes. Android counts the proportional set size page by page, for a
 * tenth of a second or more: so that is done every ten seconds at most, only while someone asks,
 * on a thread that gives way to all others.
 */
final class MemoryFacts {
    private static final long OLDEST_MS = 10_000;
    private static final int BYTES_PER_KB = 1024;

    private final Handler handler;
    private final Runnable count = new Runnable() {
        @Override
        public void run() {
            pssKb = Debug.getPss();
        }
    };
    private volatile long pssKb;
    private long countedMs = -OLDEST_MS;

    MemoryFacts() {
        HandlerThread thread = new HandlerThread("lab-memory", Process.THREAD_PRIORITY_BACKGROUND);
        thread.start();
        handler = new Handler(thread.getLooper());
    }

    /** Proportional set size, up to ten seconds old and a little more; null before the first. */
    synchronized Long pssKb() {
        long now = SystemClock.elapsedRealtime();
        if (now - countedMs >= OLDEST_MS) {
            countedMs = now;
            handler.post(count);
        }
        return pssKb > 0 ? pssKb : null;
    }

    /** What the native allocator has handed out. */
    static long nativeHeapKb() {
        return Debug.getNativeHeapAllocatedSize() / BYTES_PER_KB;
    }
}
