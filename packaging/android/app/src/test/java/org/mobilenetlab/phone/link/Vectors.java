package org.mobilenetlab.phone.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.json.JSONObject;

/** The bytes of tests/vectors/link and what they mean; see the README there. */
final class Vectors {
    private static final Path ROOT = Paths.get(System.getProperty("basedir", "."))
            .resolve("../../../tests/vectors/link").normalize();

    private Vectors() {
    }

    static byte[] bytes(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : Files.readAllLines(ROOT.resolve(name + ".hex"))) {
            for (String pair : line.replaceAll("#.*", "").trim().split("\\s+")) {
                if (!pair.isEmpty()) {
                    bytes.write(Integer.parseInt(pair, 16));
                }
            }
        }
        return bytes.toByteArray();
    }

    static byte[] fromHex(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    static JSONObject meaning(String name) throws IOException {
        byte[] text = Files.readAllBytes(ROOT.resolve(name + ".json"));
        return new JSONObject(new String(text, StandardCharsets.UTF_8));
    }

    /** Names of all vectors of a folder, without their ending. */
    static List<String> names(String folder) throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            List<String> names = files.map(path -> ROOT.relativize(path).toString())
                    .filter(name -> name.endsWith(".hex"))
                    .map(name -> name.substring(0, name.length() - 4))
                    .sorted().collect(Collectors.toList());
            return new ArrayList<>(names);
        }
    }
}
