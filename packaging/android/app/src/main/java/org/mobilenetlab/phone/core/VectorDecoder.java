package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/** An embedding: the vector itself, dequantised. */
final class VectorDecoder implements Decoder {
    private final RealReader reader;
    private final double[] values;

    VectorDecoder(TensorSpec output) {
        reader = new RealReader(output);
        values = new double[output.elements()];
    }

    @Override
    public Recognition decode(ByteBuffer[] outputs) {
        reader.read(outputs[0], values);
        float[] vector = new float[values.length];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) values[i];
        }
        return Recognition.vector(vector);
    }
}
