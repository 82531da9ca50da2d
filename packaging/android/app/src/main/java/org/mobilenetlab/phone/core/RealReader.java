package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;

/** Reads a tensor of real values, float or quantised; see {@link TensorSpec#isReal}. One thread. */
final class RealReader {
    private final float[] floats;
    private final byte[] bytes;
    /** What each byte stands for. */
    private final double[] reals;

    RealReader(TensorSpec spec) {
        floats = spec.isFloat() ? new float[spec.elements()] : null;
        bytes = spec.isFloat() ? null : new byte[spec.elements()];
        reals = spec.isFloat() ? null : new double[256];
        for (int raw = 0; reals != null && raw < 256; raw++) {
            reals[raw] = spec.real((byte) raw);
        }
    }

    /** Reads the whole of {@code tensor} (native order). */
    void read(ByteBuffer tensor, double[] into) {
        tensor.rewind();
        if (floats != null) {
            tensor.asFloatBuffer().get(floats);
            for (int i = 0; i < into.length; i++) {
                into[i] = floats[i];
            }
            return;
        }
        tensor.get(bytes);
        for (int i = 0; i < into.length; i++) {
            into[i] = reals[bytes[i] & 0xff];
        }
    }
}
