package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;

/** Byte for byte what tests/vectors/preprocessing holds; see the README there. */
public final class PreprocessorVectorsTest {
    private interface Conversion {
        void run(Preprocessor preprocessor, ByteBuffer tensor);
    }

    @Test
    public void cameraPicturesBecomeJustTheseTensors() throws IOException {
        int count = 0;
        for (Map.Entry<String, JSONObject> named : Tensors.vectors("preprocessing").entrySet()) {
            TestPicture picture = picture(named.getValue().getJSONObject("picture"));
            check(named.getKey(), named.getValue(),
                    (preprocessor, tensor) -> preprocessor.convert(picture, tensor));
            count++;
        }
        assertTrue("only " + count, count >= 15);
    }

    @Test
    public void uprightPicturesBecomeTheSameTensors() throws IOException {
        for (Map.Entry<String, JSONObject> named : Tensors.vectors("preprocessing").entrySet()) {
            RgbPicture picture = upright(named.getValue().getJSONArray("upright"));
            check(named.getKey(), named.getValue(),
                    (preprocessor, tensor) -> preprocessor.convert(picture, tensor));
        }
    }

    private static void check(String name, JSONObject vector, Conversion conversion) {
        int[] shape = {1, vector.getInt("rows"), vector.getInt("columns"), 3};
        JSONArray tensors = vector.getJSONArray("tensors");
        for (int i = 0; i < tensors.length(); i++) {
            JSONObject wanted = tensors.getJSONObject(i);
            TensorSpec spec = new TensorSpec(shape, wanted.getString("dtype"),
                    (float) wanted.getDouble("scale"), wanted.getInt("zero_point"));
            ByteBuffer tensor = Tensors.room(spec);
            conversion.run(new Preprocessor(spec, Fit.named(vector.get("fit"))), tensor);
            byte[] bytes = new byte[tensor.rewind().remaining()];
            tensor.get(bytes);
            assertEquals(name + ", " + wanted.getString("dtype") + " " + i,
                    wanted.getString("hex"),
                    ModelStore.hex(Tensors.swapped(bytes, spec.elementBytes())));
        }
    }

    private static RgbPicture upright(JSONArray rows) {
        StringBuilder hex = new StringBuilder();
        for (Object row : rows) {
            hex.append(row);
        }
        int width = rows.getString(0).length() / 6;
        return new RgbPicture(width, rows.length(), Tensors.fromHex(hex.toString()));
    }

    private static TestPicture picture(JSONObject json) {
        int width = json.getInt("width");
        int half = (width + 1) / 2;
        TestPicture picture = new TestPicture(
                width, json.getInt("height"), json.getInt("rotation"));
        for (int row = 0; row < picture.height; row++) {
            for (int column = 0; column < width; column++) {
                int chroma = row / 2 * half + column / 2;
                picture.set(column, row, at(json, "y", row * width + column),
                        at(json, "u", chroma), at(json, "v", chroma));
            }
        }
        return picture;
    }

    private static int at(JSONObject json, String plane, int index) {
        return Integer.parseInt(json.getString(plane).substring(2 * index, 2 * index + 2), 16);
    }
}
