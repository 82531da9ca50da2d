package org.mobilenetlab.phone.core;

import java.util.Arrays;

/** Shape, type and quantisation of one tensor. */
public final class TensorSpec {
    public static final String FLOAT32 = "float32";
    public static final String UINT8 = "uint8";
    public static final String INT8 = "int8";

    /** As in the model, batch first. */
    public final int[] shape;
    public final String dtype;
    /** 0 where the tensor is not quantised. */
    public final float scale;
    public final int zeroPoint;

    public TensorSpec(int[] shape, String dtype, float scale, int zeroPoint) {
        this.shape = shape.clone();
        this.dtype = dtype;
        this.scale = scale;
        this.zeroPoint = zeroPoint;
    }

    public boolean isFloat() {
        return FLOAT32.equals(dtype);
    }

    /** Whether this app can read or write such a tensor at all. */
    public boolean isSupported() {
        boolean quantised = (UINT8.equals(dtype) || INT8.equals(dtype)) && scale > 0;
        return (isFloat() || quantised) && elements() > 0;
    }

    public int elements() {
        int product = 1;
        for (int side : shape) {
            product *= side;
        }
        return product;
    }

    /** The real value of the byte {@code raw} of a quantised tensor. */
    public float real(byte raw) {
        int value = UINT8.equals(dtype) ? raw & 0xff : raw;
        return (value - zeroPoint) * scale;
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
