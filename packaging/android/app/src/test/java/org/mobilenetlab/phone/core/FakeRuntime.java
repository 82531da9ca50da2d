package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Executes nothing: its output is what the test says. Remembers what was opened and closed. */
public final class FakeRuntime implements ModelRuntime {
    public final List<String> log = Collections.synchronizedList(new ArrayList<String>());
    public volatile String refuses = "";
    public volatile boolean runFails;

    @Override
    public Graph open(final ByteBuffer model, int threads, final String delegate)
            throws LabException {
        if (model.get(0) == 'X' || delegate.equals(refuses)) {
            throw new LabException("bad_model", "refused");
        }
        final String name = (char) model.get(0) + "/" + threads + "/" + delegate;
        log.add("open " + name);
        return new Graph() {
            @Override
            public List<TensorSpec> inputs() {
                return Arrays.asList(
                        new TensorSpec(new int[] {1, 4, 4, 3}, "uint8", 1 / 128f, 128));
            }

            @Override
            public List<TensorSpec> outputs() {
                return Arrays.asList(new TensorSpec(new int[] {1, 3}, "uint8", 1 / 256f, 0));
            }

            @Override
            public String delegateApplied() {
                return delegate;
            }

            @Override
            public String delegateNote() {
                return "";
            }

            @Override
            public void run(ByteBuffer input, ByteBuffer[] outputs) throws LabException {
                if (runFails || model.get(0) == 'R') {
                    throw new LabException("inference", "it broke");
                }
                outputs[0].put((byte) 10).put(input.get(0)).put((byte) 0);
            }

            @Override
            public void close() {
                log.add("close " + name);
            }
        };
    }

    public static ByteBuffer model(char name) {
        return ByteBuffer.allocateDirect(8).put(0, (byte) name);
    }

    public static ModelInfo info(String name) {
        return new ModelInfo(name, "00", 8, false, Arrays.asList("a", "b", "c"));
    }
}
