package org.mobilenetlab.phone.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is known of a model besides its graph. */
public final class ModelInfo {
    public final String name;
    /** 64 lower-case hex digits. */
    public final String sha256;
    public final long sizeBytes;
    public final boolean untrained;
    public final List<String> labels;
    public final Reading reading;

    public ModelInfo(String name, String sha256, long sizeBytes, boolean untrained,
            List<String> labels, Reading reading) {
        this.name = name;
        this.sha256 = sha256;
        this.sizeBytes = sizeBytes;
        this.untrained = untrained;
        this.labels = Collections.unmodifiableList(new ArrayList<>(labels));
        this.reading = reading;
    }

    /** The label of a class, or its number where there is none. */
    public String label(int index) {
        boolean named = index >= 0 && index < labels.size() && !labels.get(index).isEmpty();
        return named ? labels.get(index) : "#" + index;
    }
}
