package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;

/** Byte for byte what tests/vectors/preprocessing holds; see the README there. */
public final class PreprocessorVectorsTest {
    private static final Path ROOT = Paths.get(System.getProperty("basedir", "."))
            .resolve("../../../tests/vectors/preprocessing").normalize();

    @Test
    public void picturesBecomeJustTheseTensors() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(ROOT, "*.json")) {
            for (Path file : files) {
                byte[] text = Files.readAllBytes(file);
                check(file.getFileName().toString(),
                        new JSONObject(new String(text, StandardCharsets.UTF_8)));
                count++;
            }
        }
        assertTrue("no vectors in " + ROOT, count > 0);
    }

    private static void check(String name, JSONObject vector) {
        int[] shape = {1, vector.getInt("rows"), vector.getInt("columns"), 3};
        JSONArray tensors = vector.getJSONArray("tensors");
        for (int i = 0; i < tensors.length(); i++) {
            JSONObject wanted = tensors.getJSONObject(i);
            TensorSpec spec = new TensorSpec(shape, wanted.getString("dtype"),
                    (float) wanted.getDouble("scale"), wanted.getInt("zero_point"));
            assertEquals(name + ", " + wanted.getString("dtype") + " " + i,
                    wanted.getString("hex"), converted(vector, spec));
        }
    }

    private static String converted(JSONObject vector, TensorSpec spec) {
        int size = spec.elements() * (spec.isFloat() ? Float.BYTES : 1);
        ByteBuffer tensor = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        new Preprocessor(spec, vector.getBoolean("whole_picture"))
                .convert(picture(vector.getJSONObject("picture")), tensor);
        byte[] bytes = new byte[size];
        if (spec.isFloat()) {
            ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < spec.elements(); i++) {
                little.putFloat(tensor.getFloat(Float.BYTES * i));
            }
        } else {
            tensor.get(bytes);
        }
        return ModelStore.hex(bytes);
    }

    private static TestPicture picture(JSONObject json) {
        int width = json.getInt("width");
        int half = (width + 1) / 2;
        TestPicture picture = new TestPicture(width, json.getInt("height"), json.getInt("rotation"));
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
