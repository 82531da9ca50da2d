package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Executes nothing: its output is what the test says. Remembers what was opened and closed. */
public final class FakeRuntime implements ModelRuntime {
    /** Of a classifier of three classes, which the app's input is for, too. */
    public static final TensorSpec SCORES = new TensorSpec(new int[] {1, 3}, "uint8", 1 / 256f, 0);

    private static final long RUN_NS = 50_000; // so that a loop does not fill the memory

    public final List<String> log = Collections.synchronizedList(new ArrayList<String>());
    public volatile String refuses = "";
    /** A delegate that gives way to XNNPACK. */
    public volatile String cannot = "";
    public volatile boolean runFails;
    public volatile TensorSpec input =
            new TensorSpec(new int[] {1, 4, 4, 3}, "uint8", 1 / 128f, 128);
    public volatile List<TensorSpec> outputs = Arrays.asList(SCORES);
    /** What the first output holds; null: that class 1 is as sure as the first pixel is red. */
    public volatile byte[] answer;

    @Override
    public Graph open(ByteBuffer model, int threads, String delegate) throws LabException {
        if (model.get(0) == 'X' || delegate.equals(refuses)) {
            throw new LabException("bad_model", "refused");
        }
        return new FakeGraph((char) model.get(0), threads, delegate);
    }

    public static ByteBuffer model(char name) {
        return ByteBuffer.allocateDirect(8).put(0, (byte) name);
    }

    public static ModelInfo info(String name) {
        return info(name, Reading.UNTOLD);
    }

    public static ModelInfo info(String name, Reading reading) {
        return new ModelInfo(name, "00", 8, false, Arrays.asList("a", "b", "c"), reading);
    }

    private final class FakeGraph implements Graph {
        private final char model;
        private final String name;
        private final boolean gaveWay;
        private final String delegate;
        private final List<TensorSpec> hasOutputs = outputs;

        FakeGraph(char model, int threads, String delegate) {
            this.model = model;
            this.delegate = delegate;
            gaveWay = delegate.equals(cannot);
            name = model + "/" + threads + "/" + delegate;
            log.add("open " + name);
        }

        @Override
        public List<TensorSpec> inputs() {
            return Arrays.asList(input);
        }

        @Override
        public List<TensorSpec> outputs() {
            return hasOutputs;
        }

        @Override
        public String delegateApplied() {
            return gaveWay ? Settings.XNNPACK : delegate;
        }

        @Override
        public String delegateNote() {
            return gaveWay ? "It takes none of the operations." : "";
        }

        @Override
        public void run(ByteBuffer in, ByteBuffer[] out) throws LabException {
            if (runFails || model == 'R') {
                throw new LabException("inference", "it broke");
            }
            LockSupport.parkNanos(RUN_NS);
            if (answer != null) {
                out[0].put(answer);
            } else {
                out[0].put((byte) 10).put(in.get(0)).put((byte) 0);
            }
        }

        @Override
        public void close() {
            log.add("close " + name);
        }
    }
}
