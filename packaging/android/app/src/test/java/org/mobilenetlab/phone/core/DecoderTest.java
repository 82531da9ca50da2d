package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;

public final class DecoderTest {
    private static ByteBuffer floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * values.length)
                .order(ByteOrder.nativeOrder());
        buffer.asFloatBuffer().put(values);
        return buffer;
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
        for (int i = 0; i < values.length; i++) {
            buffer.put(i, (byte) values[i]);
        }
        return buffer;
    }

    private static TensorSpec spec(String dtype, float scale, int zeroPoint, int... shape) {
        return new TensorSpec(shape, dtype, scale, zeroPoint);
    }

    private static Recognition classes(TensorSpec spec, ByteBuffer output) {
        return new ClassDecoder(spec).decode(new ByteBuffer[] {output});
    }

    @Test
    public void classesComeHighestFirstAndFiveAtMost() {
        Recognition seen = classes(spec("float32", 0, 0, 1, 7),
                floats(0.1f, 0.05f, 0.4f, 0.1f, 0.2f, 0.05f, 0.1f));
        assertArrayEquals(new int[] {2, 4, 0, 3, 6}, seen.classes);
        assertArrayEquals(new float[] {0.4f, 0.2f, 0.1f, 0.1f, 0.1f}, seen.scores, 0);
    }

    @Test
    public void quantisedProbabilitiesAreDequantised() {
        Recognition seen = classes(spec("uint8", 1 / 256f, 0, 1, 3), bytes(0, 192, 64));
        assertArrayEquals(new int[] {1, 2, 0}, seen.classes);
        assertArrayEquals(new float[] {0.75f, 0.25f, 0}, seen.scores, 0);
        Recognition signed = classes(spec("int8", 1 / 256f, -128, 1, 3), bytes(-128, 64, -64));
        assertArrayEquals(new float[] {0.75f, 0.25f, 0}, signed.scores, 0);
    }

    @Test
    public void logitsAreSoftmaxed() {
        double sum = 1 + Math.exp(1) + Math.exp(3);
        Recognition seen = classes(spec("float32", 0, 0, 1, 3), floats(0, 3, 1));
        assertArrayEquals(new int[] {1, 2, 0}, seen.classes);
        assertEquals(Math.exp(3) / sum, seen.scores[0], 1e-6);
        Recognition quantised = classes(spec("uint8", 0.5f, 10, 1, 3), bytes(10, 16, 12));
        assertEquals(Math.exp(3) / sum, quantised.scores[0], 1e-6);
    }

    private static final List<TensorSpec> FIRST = Arrays.asList(
            spec("float32", 0, 0, 1, 2, 4), spec("float32", 0, 0, 1, 2),
            spec("float32", 0, 0, 1, 2), spec("float32", 0, 0, 1));
    private static final List<TensorSpec> SECOND = Arrays.asList(
            FIRST.get(1), FIRST.get(0), FIRST.get(3), FIRST.get(2));

    @Test
    public void boxesAreReadInBothOrdersOfOutputs() {
        ByteBuffer boxes = floats(0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f);
        ByteBuffer kinds = floats(16, 0);
        ByteBuffer scores = floats(0.9f, 0.1f);
        ByteBuffer count = floats(2);
        Recognition first = BoxDecoder.of(FIRST)
                .decode(new ByteBuffer[] {boxes, kinds, scores, count});
        Recognition second = BoxDecoder.of(SECOND)
                .decode(new ByteBuffer[] {scores, boxes, count, kinds});
        for (Recognition seen : Arrays.asList(first, second)) {
            assertArrayEquals(new int[] {16, 0}, seen.classes); // who draws leaves out the unsure
            assertArrayEquals(new float[] {0.9f, 0.1f}, seen.scores, 0);
            assertArrayEquals(new float[] {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f},
                    seen.boxes, 0);
        }
    }

    @Test
    public void countBeyondTheTensorIsCut() {
        Recognition seen = BoxDecoder.of(FIRST).decode(new ByteBuffer[] {
            floats(new float[8]), floats(1, 2), floats(0.9f, 0.8f), floats(100)});
        assertEquals(2, seen.count());
    }

    @Test
    public void otherOutputsAreNoDetector() {
        assertNotNull(BoxDecoder.of(FIRST));
        assertNull(BoxDecoder.of(FIRST.subList(0, 3)));
        assertNull(BoxDecoder.of(Arrays.asList(
                FIRST.get(0), FIRST.get(1), FIRST.get(1), FIRST.get(1))));
    }
}
