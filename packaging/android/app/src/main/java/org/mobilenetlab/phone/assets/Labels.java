package org.mobilenetlab.phone.assets;

import java.util.ArrayList;
import java.util.List;

/** Reads labels.txt: one label per line, any line ends. */
public final class Labels {
    private Labels() {
    }

    /** The label of each class in order; none for an empty file. */
    public static List<String> of(String text) {
        List<String> labels = new ArrayList<>();
        if (!text.isEmpty()) {
            String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            for (String line : body.split("\n", -1)) {
                labels.add(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            }
        }
        return labels;
    }
}
