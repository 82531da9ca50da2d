package org.mobilenetlab.phone.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How a model is to be read, as LOAD_BEGIN and config.json say it; PROTOCOL.md, "Tasks". What was
 * not said is null, and then the model's tensors decide.
 */
public final class Reading {
    public static final String CLASSIFICATION = "classification";
    public static final String DETECTION = "detection";
    public static final String EMBEDDING = "embedding";
    public static final String SEGMENTATION = "segmentation";

    static final String PROBABILITIES = "probabilities";
    static final String LOGITS = "logits";

    private static final List<String> TASKS = Collections.unmodifiableList(
            Arrays.asList(CLASSIFICATION, DETECTION, EMBEDDING, SEGMENTATION));

    public static final Reading UNTOLD = new Reading(null, null, null);

    public final String task;
    public final Fit fit;
    /** What a classifier's output holds: {@link #PROBABILITIES} or {@link #LOGITS}. */
    public final String scores;

    private Reading(String task, Fit fit, String scores) {
        this.task = task;
        this.fit = fit;
        this.scores = scores;
    }

    /**
     * From the values of the three JSON fields, null for an absent one.
     *
     * @throws LabException bad_value, with a sentence
     */
    public static Reading of(Object task, Object fit, Object scores) throws LabException {
        if (task != null && !TASKS.contains(task)) {
            throw unknown("task", task);
        }
        if (fit != null && Fit.named(fit) == null) {
            throw unknown("fit", fit);
        }
        if (scores != null && !PROBABILITIES.equals(scores) && !LOGITS.equals(scores)) {
            throw unknown("kind of scores", scores);
        }
        return new Reading((String) task, Fit.named(fit), (String) scores);
    }

    private static LabException unknown(String what, Object word) {
        return new LabException("bad_value", "This app knows no " + what + " \"" + word + "\".");
    }
}
