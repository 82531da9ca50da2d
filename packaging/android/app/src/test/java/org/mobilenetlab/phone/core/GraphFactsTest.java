package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.fail;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.Test;

public final class GraphFactsTest {
    /** The least there is of a .tflite file: one subgraph with 31 operations. */
    private static ByteBuffer model() {
        ByteBuffer model = ByteBuffer.allocateDirect(68).order(ByteOrder.LITTLE_ENDIAN);
        model.putInt(0, 24); // the model's table
        model.put(4, (byte) 'T').put(5, (byte) 'F').put(6, (byte) 'L').put(7, (byte) '3');
        model.putShort(8, (short) 10).putShort(10, (short) 8).putShort(16, (short) 4); // vtable
        model.putInt(24, 16).putInt(28, 4); // table: its vtable, its subgraphs
        model.putInt(32, 1).putInt(36, 20); // one subgraph
        model.putShort(40, (short) 12).putShort(42, (short) 8).putShort(50, (short) 4); // vtable
        model.putInt(56, 16).putInt(60, 4); // table: its vtable, its operators
        model.putInt(64, 31);
        return model;
    }

    private static void assertRefused(ByteBuffer model) {
        try {
            GraphFacts.operations(model);
            fail("taken");
        } catch (LabException e) {
            assertEquals("bad_model", e.code);
        }
    }

    @Test
    public void operationsOfTheFirstSubgraphAreCounted() throws Exception {
        assertEquals(31, GraphFacts.operations(model()));
    }

    @Test
    public void otherFilesAreRefused() {
        assertRefused(ByteBuffer.allocateDirect(0));
        assertRefused(ByteBuffer.allocateDirect(1000));
        assertRefused(model().put(4, (byte) 'X'));
    }

    @Test
    public void cutOffAndWildOffsetsAreRefused() {
        for (int length = 0; length < 68; length++) {
            ByteBuffer cut = model();
            cut.limit(length);
            assertRefused(cut.slice());
        }
        for (int at : new int[] {0, 24, 28, 36, 56, 60}) {
            assertRefused(model().putInt(at, Integer.MAX_VALUE));
            assertRefused(model().putInt(at, Integer.MIN_VALUE));
        }
    }
}
