package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.mobilenetlab.phone.core.Tensors.bytes;
import static org.mobilenetlab.phone.core.Tensors.floats;
import static org.mobilenetlab.phone.core.Tensors.spec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;

/** What the vectors of tests/vectors/tasks leave open. */
public final class DecoderTest {
    private static final List<TensorSpec> DETECTOR = Arrays.asList(
            spec("float32", 0, 0, 1, 2, 4), spec("float32", 0, 0, 1, 2),
            spec("float32", 0, 0, 1, 2), spec("float32", 0, 0, 1));

    private static Recognition decode(Decoder decoder, ByteBuffer... outputs) {
        return decoder.decode(outputs);
    }

    @Test
    public void largestLogitsDoNotOverflow() {
        ClassDecoder decoder = new ClassDecoder(spec("float32", 0, 0, 1, 3), Reading.LOGITS);
        Recognition seen = decode(decoder, floats(3e38f, -3e38f, 3e38f));
        assertArrayEquals(new int[] {0, 2, 1}, seen.classes);
        assertArrayEquals(new float[] {0.5f, 0.5f, 0}, seen.scores, 0);
    }

    @Test
    public void resultIsNotWrittenOverByTheNext() throws Exception {
        Decoder classes = new ClassDecoder(spec("float32", 0, 0, 1, 2), Reading.PROBABILITIES);
        Recognition first = decode(classes, floats(0.75f, 0.25f));
        decode(classes, floats(0.125f, 0.875f));
        assertArrayEquals(new int[] {0, 1}, first.classes);
        assertArrayEquals(new float[] {0.75f, 0.25f}, first.scores, 0);

        Decoder vector = new VectorDecoder(spec("int8", 0.5f, 1, 1, 2));
        Recognition earlier = decode(vector, bytes(3, -1));
        decode(vector, bytes(0, 0));
        assertArrayEquals(new float[] {1, -1}, earlier.vector, 0);

        Decoder boxes = BoxDecoder.of(DETECTOR);
        Recognition one = decode(boxes, floats(0, 0, 1, 1, 0, 0, 0, 0), floats(5, 0),
                floats(0.5f, 0), floats(1));
        decode(boxes, floats(new float[8]), floats(0, 0), floats(1, 1), floats(2));
        assertEquals(1, one.count());
        assertArrayEquals(new float[] {0, 0, 1, 1}, one.boxes, 0);
        assertArrayEquals(new int[] {5}, one.classes);
    }

    @Test
    public void countThatIsNoNumberIsNone() {
        Decoder boxes = BoxDecoder.of(DETECTOR);
        for (float count : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY}) {
            assertEquals(0, decode(boxes, floats(new float[8]), floats(0, 0), floats(1, 1),
                    floats(count)).count());
        }
        assertEquals(2, decode(boxes, floats(new float[8]), floats(0, 0), floats(1, 1),
                floats(3e38f)).count());
    }

    @Test
    public void whatIsNoNumberIsLeftOut() {
        Recognition boxes = decode(BoxDecoder.of(DETECTOR), floats(new float[8]),
                floats(Float.NaN, 3), floats(0.5f, 0.25f), floats(2));
        assertArrayEquals(new int[] {3}, boxes.classes);
        TensorSpec five = spec("float32", 0, 0, 1, 5);
        Decoder probabilities = new ClassDecoder(five, Reading.PROBABILITIES);
        float inf = Float.POSITIVE_INFINITY;
        Recognition seen = decode(probabilities, floats(Float.NaN, 0.25f, inf, 0.5f, -inf));
        assertArrayEquals(new int[] {3, 1}, seen.classes);
        assertArrayEquals(new float[] {0.5f, 0.25f}, seen.scores, 0);
        float[] none = {Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN};
        assertEquals(0, decode(probabilities, floats(none)).count());
        Decoder logits = new ClassDecoder(five, Reading.LOGITS);
        assertEquals(0, decode(logits, floats(none)).count());
        assertEquals(0, decode(logits, floats(0, inf, 1, 2, 3)).count());
        assertEquals(5, decode(logits, floats(0, -inf, 1, 2, 3)).count());
    }

    @Test
    public void cellOfAMapIgnoresWhatIsNoNumber() {
        float nan = Float.NaN;
        float low = Float.NEGATIVE_INFINITY;
        Recognition seen = decode(MapDecoder.of(spec("float32", 0, 0, 1, 1, 4, 2)),
                floats(nan, 1, 1, nan, nan, nan, nan, low));
        assertArrayEquals(new byte[] {1, 0, 0, 0}, seen.cells);
    }

    @Test
    public void pictureItWasSeenInIsAllThatChanges() {
        Recognition seen = Recognition.map(new int[] {2}, new float[] {1}, 2, 1, new byte[] {2, 2});
        Recognition in = seen.in(6);
        assertEquals(0, seen.picture);
        assertEquals(6, in.picture);
        assertEquals(Recognition.MAP, in.kind);
        assertEquals(seen.cells, in.cells);
        assertEquals(2, in.columns);
        assertEquals(1, in.rows);
    }

    @Test
    public void oddShapesAreNoMapAndHarmNothing() {
        assertNotNull(MapDecoder.of(spec("float32", 0, 0, 1, 2, 2, 3)));
        for (int[] shape : new int[][] {{}, {1}, {1, 4}, {1, 0, 4, 3}, {1, -1, -1, 3},
            {1, 2, 2, 3, 1}, {2, 2, 2, 3}, {1, 1 << 16, 1 << 16, 3}}) {
            assertNull(Arrays.toString(shape), MapDecoder.of(spec("float32", 0, 0, shape)));
        }
    }

    @Test
    public void largestMapAndVectorThereMayBeAreTaken() throws Exception {
        TensorSpec map = spec("uint8", 0, 0, 1, 512, 512);
        Recognition seen = decode(Decoders.of("segmentation", null, Arrays.asList(map)),
                Tensors.room(map));
        assertEquals(262_144, seen.cells.length);
        assertArrayEquals(new float[] {1}, seen.scores, 0);
        TensorSpec vector = spec("float32", 0, 0, 1, 65_536);
        assertEquals(65_536, decode(Decoders.of("embedding", null, Arrays.asList(vector)),
                Tensors.room(vector)).vector.length);
    }
}
