package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/** From a model's output tensors to what they say. One thread. */
public interface Decoder {
    /**
     * Reads the outputs of one run; changes their positions.
     *
     * @return nothing of it is used again for the next run
     */
    Recognition decode(ByteBuffer[] outputs);
}
