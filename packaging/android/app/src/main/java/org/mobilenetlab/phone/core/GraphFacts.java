package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The little that is read from a .tflite file itself, by FlatBuffers' layout. */
public final class GraphFacts {
    private static final int IDENTIFIER = 'T' | 'F' << 8 | 'L' << 16 | '3' << 24;
    private static final int MODEL_SUBGRAPHS = 2;
    private static final int SUBGRAPH_OPERATORS = 3;

    private GraphFacts() {
    }

    /**
     * How many operations the first subgraph has.
     *
     * @throws LabException bad_model: this is no .tflite file, or it is cut off
     */
    public static int operations(ByteBuffer model) throws LabException {
        ByteBuffer bytes = model.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (bytes.getInt(4) != IDENTIFIER) {
                throw new LabException("bad_model", "The file is not a .tflite model.");
            }
            int subgraphs = vector(bytes, bytes.getInt(0), MODEL_SUBGRAPHS);
            int first = subgraphs + 4 + bytes.getInt(subgraphs + 4);
            return bytes.getInt(vector(bytes, first, SUBGRAPH_OPERATORS));
        } catch (IndexOutOfBoundsException e) {
            throw new LabException("bad_model", "The model file is damaged or cut off.");
        }
    }

    /** Where the vector in a table's field lies: its length first. */
    private static int vector(ByteBuffer bytes, int table, int field) {
        int vtable = table - bytes.getInt(table);
        int slot = 4 + 2 * field;
        int offset = slot < bytes.getShort(vtable) ? bytes.getShort(vtable + slot) & 0xffff : 0;
        if (offset == 0) {
            throw new IndexOutOfBoundsException();
        }
        return table + offset + bytes.getInt(table + offset);
    }
}
