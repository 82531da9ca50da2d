package org.mobilenetlab.phone.core;

import java.util.List;

/** Which task a model has and who reads its outputs; PROTOCOL.md, "Tasks". */
final class Decoders {
    private Decoders() {
    }

    /** The task that was told, else the one that the outputs' shapes suggest. */
    static String task(Reading reading, List<TensorSpec> outputs) {
        if (reading.task != null) {
            return reading.task;
        }
        if (BoxDecoder.of(outputs) != null) {
            return Reading.DETECTION;
        }
        boolean isMap = outputs.size() == 1 && MapDecoder.looksLikeMap(outputs.get(0));
        return isMap ? Reading.SEGMENTATION : Reading.CLASSIFICATION;
    }

    /**
     * Who reads the outputs of a model with this task.
     *
     * @param scores {@link Reading#scores}
     * @throws LabException bad_model: the outputs are not what the task wants
     */
    static Decoder of(String task, String scores, List<TensorSpec> outputs) throws LabException {
        switch (task) {
            case Reading.DETECTION:
                return fitting(BoxDecoder.of(outputs), outputs, "detection, whose outputs are"
                        + " boxes, classes, scores and count, all float32");
            case Reading.SEGMENTATION:
                return fitting(outputs.size() == 1 ? MapDecoder.of(outputs.get(0)) : null, outputs,
                        "segmentation, whose output is one map of at most "
                        + Recognition.MAX_CELLS + " cells and 256 classes");
            case Reading.EMBEDDING:
                boolean fits = isVector(outputs)
                        && outputs.get(0).elements() <= Recognition.MAX_VECTOR;
                return fitting(fits ? new VectorDecoder(outputs.get(0)) : null, outputs,
                        "embedding, whose output is one vector of at most "
                        + Recognition.MAX_VECTOR);
            default:
                return fitting(isVector(outputs) ? new ClassDecoder(outputs.get(0), scores) : null,
                        outputs, "classification, whose output is one vector of scores");
        }
    }

    private static boolean isVector(List<TensorSpec> outputs) {
        return outputs.size() == 1 && outputs.get(0).isVector() && outputs.get(0).isReal();
    }

    private static Decoder fitting(Decoder decoder, List<TensorSpec> outputs, String task)
            throws LabException {
        if (decoder == null) {
            throw new LabException("bad_model",
                    "The model does not fit the task " + task + "; it has " + outputs + ".");
        }
        return decoder;
    }
}
