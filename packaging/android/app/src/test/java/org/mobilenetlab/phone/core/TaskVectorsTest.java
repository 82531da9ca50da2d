package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;

/** What tests/vectors/tasks says that output tensors mean; see the README there. */
public final class TaskVectorsTest {
    private static final String[] SIDES = {"top", "left", "bottom", "right"};
    private static final String[] KINDS = {"classes", "boxes", "vector", "map"};

    private static String told(JSONObject vector, String field) {
        return vector.isNull(field) ? null : vector.getString(field);
    }

    private static List<TensorSpec> specs(JSONObject vector) {
        List<TensorSpec> specs = new ArrayList<>();
        for (Object item : vector.getJSONArray("outputs")) {
            JSONObject output = (JSONObject) item;
            JSONArray sides = output.getJSONArray("shape");
            int[] shape = new int[sides.length()];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = sides.getInt(i);
            }
            specs.add(new TensorSpec(shape, output.getString("dtype"),
                    (float) output.getDouble("scale"), output.getInt("zero_point")));
        }
        return specs;
    }

    private static ByteBuffer[] tensors(JSONObject vector, List<TensorSpec> specs) {
        ByteBuffer[] tensors = new ByteBuffer[specs.size()];
        for (int i = 0; i < tensors.length; i++) {
            String hex = vector.getJSONArray("outputs").getJSONObject(i).getString("hex");
            tensors[i] = Tensors.room(specs.get(i));
            tensors[i].put(Tensors.swapped(
                    Tensors.fromHex(hex), specs.get(i).elementBytes()));
        }
        return tensors;
    }

    private static Decoder decoder(JSONObject vector) throws LabException {
        Reading reading = Reading.of(told(vector, "task"), null, told(vector, "scores"));
        List<TensorSpec> specs = specs(vector);
        return Decoders.of(Decoders.task(reading, specs), reading.scores, specs);
    }

    private static void assertClose(String name, double wanted, float is) {
        assertEquals(name, wanted, is, 1e-6 * Math.abs(wanted));
    }

    @Test
    public void outputsMeanJustThis() throws Exception {
        int count = 0;
        for (Map.Entry<String, JSONObject> named : Tensors.vectors("tasks").entrySet()) {
            JSONObject vector = named.getValue();
            JSONObject expected = vector.getJSONObject("expect");
            if (!expected.has("error")) {
                Decoder decoder = decoder(vector);
                ByteBuffer[] tensors = tensors(vector, specs(vector));
                check(named.getKey(), expected, decoder.decode(tensors));
                check(named.getKey() + " again", expected, decoder.decode(tensors));
                count++;
            }
        }
        assertTrue("only " + count, count >= 30);
    }

    private static void check(String name, JSONObject expected, Recognition seen) {
        assertEquals(name, expected.getString("kind"), KINDS[seen.kind]);
        JSONArray entries = expected.optJSONArray("entries");
        assertEquals(name, entries == null ? 0 : entries.length(), seen.count());
        for (int i = 0; i < seen.count(); i++) {
            JSONObject entry = entries.getJSONObject(i);
            assertEquals(name, entry.getInt("class"), seen.classes[i]);
            assertClose(name, entry.getDouble("score"), seen.scores[i]);
            for (int side = 0; seen.kind == Recognition.BOXES && side < 4; side++) {
                assertClose(name, entry.getDouble(SIDES[side]), seen.boxes[4 * i + side]);
            }
        }
        if (seen.kind == Recognition.VECTOR) {
            JSONArray vector = expected.getJSONArray("vector");
            assertEquals(name, vector.length(), seen.vector.length);
            for (int i = 0; i < seen.vector.length; i++) {
                assertClose(name, vector.getDouble(i), seen.vector[i]);
            }
        }
        if (seen.kind == Recognition.MAP) {
            assertEquals(name, expected.getInt("columns"), seen.columns);
            assertEquals(name, expected.getInt("rows"), seen.rows);
            assertEquals(name, expected.getString("cells_hex"), ModelStore.hex(seen.cells));
        }
    }

    @Test
    public void outputsThatDoNotFitAreRefusedWithASentence() throws Exception {
        int count = 0;
        for (Map.Entry<String, JSONObject> named : Tensors.vectors("tasks").entrySet()) {
            JSONObject expected = named.getValue().getJSONObject("expect");
            if (expected.has("error")) {
                try {
                    decoder(named.getValue());
                    fail(named.getKey() + " was taken");
                } catch (LabException e) {
                    assertEquals(named.getKey(), expected.getString("error"), e.code);
                    assertTrue(e.getMessage(), e.getMessage().endsWith("."));
                    count++;
                }
            }
        }
        assertTrue("only " + count, count >= 15);
    }
}
