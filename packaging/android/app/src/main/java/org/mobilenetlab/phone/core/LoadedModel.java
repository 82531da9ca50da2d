package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A model that is open, with its buffers and what stands before and behind it. */
public final class LoadedModel {
    public static final String CLASSIFICATION = "classification";
    public static final String DETECTION = "detection";

    public final ModelInfo info;
    public final TensorSpec input;
    public final String task;
    public final double loadMs;

    private final ModelRuntime.Graph graph;
    private final Preprocessor preprocessor;
    private final Decoder decoder;
    private final ByteBuffer inputBuffer;
    private final ByteBuffer[] outputBuffers;
    /** The model's bytes, kept so that it can be opened again and stays mapped. */
    final ByteBuffer bytes;

    volatile int generation;
    volatile double firstMs;

    private LoadedModel(
            ModelInfo info, ByteBuffer bytes, ModelRuntime.Graph graph, BoxDecoder boxes,
            double loadMs) {
        this.info = info;
        this.bytes = bytes;
        this.graph = graph;
        this.loadMs = loadMs;
        input = graph.inputs().get(0);
        task = boxes != null ? DETECTION : CLASSIFICATION;
        decoder = boxes != null ? boxes : new ClassDecoder(graph.outputs().get(0));
        preprocessor = new Preprocessor(input, boxes != null);
        inputBuffer = buffer(input);
        outputBuffers = new ByteBuffer[graph.outputs().size()];
        for (int i = 0; i < outputBuffers.length; i++) {
            outputBuffers[i] = buffer(graph.outputs().get(i));
        }
    }

    /**
     * Opens a model and makes ready for it.
     *
     * @throws LabException bad_model, with a sentence
     */
    static LoadedModel open(
            ModelRuntime runtime, ModelInfo info, ByteBuffer bytes, Settings settings, Clock clock)
            throws LabException {
        long start = clock.nowNs();
        ModelRuntime.Graph graph = runtime.open(bytes, settings.threads, settings.delegate);
        double loadMs = (clock.nowNs() - start) / 1e6;
        boolean fits = false;
        try {
            BoxDecoder boxes = BoxDecoder.of(graph.outputs());
            check(graph, boxes);
            fits = true;
            return new LoadedModel(info, bytes, graph, boxes, loadMs);
        } finally {
            if (!fits) {
                graph.close();
            }
        }
    }

    private static void check(ModelRuntime.Graph graph, BoxDecoder boxes) throws LabException {
        List<TensorSpec> inputs = graph.inputs();
        if (inputs.size() != 1 || !isPicture(inputs.get(0))) {
            throw new LabException("bad_model", "The model must have one RGB picture as its input,"
                    + " float32, uint8 or int8, of at most a megapixel; it has " + inputs + ".");
        }
        List<TensorSpec> outputs = graph.outputs();
        if (boxes == null && !(outputs.size() == 1 && isVector(outputs.get(0)))) {
            throw new LabException("bad_model",
                    "The model's outputs are neither classes nor boxes: " + outputs + ".");
        }
    }

    private static boolean isPicture(TensorSpec spec) {
        int[] shape = spec.shape;
        return shape.length == 4 && shape[0] == 1 && shape[3] == 3 && spec.isSupported()
                && spec.elements() / 3 <= Preprocessor.MAX_PIXELS;
    }

    private static boolean isVector(TensorSpec spec) {
        int length = spec.shape.length;
        return length > 0 && spec.isSupported() && spec.elements() == spec.shape[length - 1];
    }

    private static ByteBuffer buffer(TensorSpec spec) {
        int bytes = spec.elements() * (spec.isFloat() ? Float.BYTES : 1);
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Grows at each load and at each change of threads or delegate. */
    public int generation() {
        return generation;
    }

    /** How long the first run took. */
    public double firstMs() {
        return firstMs;
    }

    void convert(YuvPicture picture) {
        preprocessor.convert(picture, inputBuffer);
    }

    void fillWithPattern() {
        preprocessor.convertPattern(inputBuffer);
    }

    /** Runs the graph on what the input holds; returns how long the run alone took. */
    long infer(Clock clock) throws LabException {
        for (ByteBuffer output : outputBuffers) {
            output.rewind();
        }
        inputBuffer.rewind();
        long start = clock.nowNs();
        graph.run(inputBuffer, outputBuffers);
        return clock.nowNs() - start;
    }

    Recognition decode() {
        return decoder.decode(outputBuffers);
    }

    ModelRuntime.Graph graph() {
        return graph;
    }

    void close() {
        graph.close();
    }
}
