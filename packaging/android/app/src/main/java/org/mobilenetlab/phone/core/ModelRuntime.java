package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What executes models. The app's is TensorFlow Lite; the tests have one of their own.
 *
 * <p>The tests run on a computer's Java, and the archives of TensorFlow Lite and LiteRT on Maven
 * Central hold libraries for Android alone. So what stands before and behind a graph is tested with
 * golden tensors instead, which all implementations share: {@code tests/vectors/preprocessing}
 * holds what goes in, {@code tests/vectors/tasks} what comes out and what it means.
 */
public interface ModelRuntime {
    /**
     * Opens a model. {@code model} is direct and must stay unchanged while it is open.
     *
     * @throws LabException bad_model, with a sentence
     */
    Graph open(ByteBuffer model, int threads, String delegate) throws LabException;

    /** An opened model. One thread, the one that opened it. */
    interface Graph {
        List<TensorSpec> inputs();

        List<TensorSpec> outputs();

        /** One of {@link Settings#DELEGATES}: what really executes the graph. */
        String delegateApplied();

        /** Why that is not the delegate asked for; else empty. */
        String delegateNote();

        /**
         * Runs it once. All buffers are direct and in native order.
         *
         * @throws LabException inference, with a sentence
         */
        void run(ByteBuffer input, ByteBuffer[] outputs) throws LabException;

        void close();
    }
}
