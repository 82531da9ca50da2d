package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class TensorSpecTest {
    private static final int[] SHAPE = {1, 8};

    @Test
    public void whatIsNoScaleQuantisesNothing() {
        float[] none = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.5f, 0};
        for (float scale : none) {
            for (String dtype : new String[] {TensorSpec.INT8, TensorSpec.FLOAT32}) {
                TensorSpec spec = new TensorSpec(SHAPE, dtype, scale, 3);
                assertEquals(0, spec.scale, 0); // goes into MODEL, whose JSON knows no NaN
                assertFalse(spec.isQuantised());
                assertEquals(spec.isFloat(), spec.isReal());
            }
        }
    }

    @Test
    public void scaleOfAQuantisedTensorIsTheModels() {
        TensorSpec spec = new TensorSpec(SHAPE, TensorSpec.UINT8, 0.25f, 3);
        assertTrue(spec.isQuantised());
        assertEquals(0.25f, spec.scale, 0);
        assertEquals(63, spec.real((byte) 255), 0);
    }
}
