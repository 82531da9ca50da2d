package org.mobilenetlab.phone.core;

import java.util.Arrays;

/** Shape, type and quantisation of one tensor. */
public final class TensorSpec {
    public static final String FLOAT32 = "float32";
    public static final String UINT8 = "uint8";
    public static final String INT8 = "int8";
    public static final String INT32 = "int32";
    public static final String INT64 = "int64";

    /** As in the model, batch first. */
    public final int[] shape;
    public final String dtype;
    /** Finite; 0 where the tensor is not quantised, or by something that is no scale. */
    public final float scale;
    public final int zeroPoint;

    public TensorSpec(int[] shape, String dtype, float scale, int zeroPoint) {
        this.shape = shape.clone();
        this.dtype = dtype;
        this.scale = scale > 0 && !Float.isInfinite(scale) ? scale : 0;
        this.zeroPoint = zeroPoint;
    }

    public boolean isFloat() {
        return FLOAT32.equals(dtype);
    }

    /** Whether its bytes stand for real values: scale (q - zero_point). */
    public boolean isQuantised() {
        return isByte() && scale > 0;
    }

    /** Whether it holds real values, as they are or quantised. */
    public boolean isReal() {
        return isFloat() || isQuantised();
    }

    /** Whether each element is one byte. */
    boolean isByte() {
        return UINT8.equals(dtype) || INT8.equals(dtype);
    }

    /** Bytes of one element; 0 for a type that this app does not read. */
    int elementBytes() {
        if (isByte()) {
            return Byte.BYTES;
        }
        if (INT64.equals(dtype)) {
            return Long.BYTES;
        }
        return isFloat() || INT32.equals(dtype) ? Float.BYTES : 0;
    }

    /** Product of the sides; 0 where one is not known, at most 2^31 - 1. */
    public int elements() {
        long product = 1;
        for (int side : shape) {
            product = Math.min(product * Math.max(0, side), Integer.MAX_VALUE);
        }
        return (int) product;
    }

    /** Whether it is one vector: no side but the last is longer than 1. */
    boolean isVector() {
        int length = shape.length;
        return length > 0 && elements() > 0 && elements() == shape[length - 1];
    }

    /** The real value of the byte {@code raw} of a quantised tensor; exact. */
    double real(byte raw) {
        int value = UINT8.equals(dtype) ? raw & 0xff : raw;
        return (double) scale * (value - zeroPoint);
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape) + (isByte() && scale == 0 ? " not quantised" : "");
    }
}
