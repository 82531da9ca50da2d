package org.mobilenetlab.phone.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;
import java.util.TreeMap;
import org.json.JSONObject;

/** Tensors and the vectors of tests/vectors that hold them. */
final class Tensors {
    private static final Path ROOT = Paths.get(System.getProperty("basedir", "."))
            .resolve("../../../tests/vectors").normalize();

    private Tensors() {
    }

    /** Every vector of a folder, by its name. */
    static Map<String, JSONObject> vectors(String folder) throws IOException {
        Map<String, JSONObject> vectors = new TreeMap<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(ROOT.resolve(folder), "*.json")) {
            for (Path file : files) {
                byte[] text = Files.readAllBytes(file);
                vectors.put(file.getFileName().toString(),
                        new JSONObject(new String(text, StandardCharsets.UTF_8)));
            }
        }
        return vectors;
    }

    static byte[] fromHex(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    static TensorSpec spec(String dtype, float scale, int zeroPoint, int... shape) {
        return new TensorSpec(shape, dtype, scale, zeroPoint);
    }

    /** Room for a tensor, as the app makes it. */
    static ByteBuffer room(TensorSpec spec) {
        return ByteBuffer.allocateDirect(spec.elements() * spec.elementBytes())
                .order(ByteOrder.nativeOrder());
    }

    static ByteBuffer floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * values.length)
                .order(ByteOrder.nativeOrder());
        buffer.asFloatBuffer().put(values);
        return buffer;
    }

    static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
        for (int i = 0; i < values.length; i++) {
            buffer.put(i, (byte) values[i]);
        }
        return buffer;
    }

    /** From and to the vectors' little-endian bytes. */
    static byte[] swapped(byte[] bytes, int elementBytes) {
        byte[] swapped = bytes.clone();
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; !little && i < bytes.length; i++) {
            swapped[i] = bytes[i / elementBytes * elementBytes + elementBytes - 1
                    - i % elementBytes];
        }
        return swapped;
    }
}
