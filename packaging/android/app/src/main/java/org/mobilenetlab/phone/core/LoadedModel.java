package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A model that is open, with its buffers and what stands before and behind it. */
public final class LoadedModel {
    public final ModelInfo info;
    public final TensorSpec input;
    /** One of {@link Reading}'s tasks. */
    public final String task;
    public final Fit fit;
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

    private LoadedModel(ModelInfo info, ByteBuffer bytes, ModelRuntime.Graph graph, String task,
            Decoder decoder, double loadMs) throws LabException {
        this.info = info;
        this.bytes = bytes;
        this.graph = graph;
        this.task = task;
        this.decoder = decoder;
        this.loadMs = loadMs;
        input = graph.inputs().get(0);
        fit = info.reading.fit != null ? info.reading.fit : Fit.usualFor(task);
        preprocessor = new Preprocessor(input, fit);
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
            checkInput(graph.inputs());
            String task = Decoders.task(info.reading, graph.outputs());
            Decoder decoder = Decoders.of(task, info.reading.scores, graph.outputs());
            LoadedModel model = new LoadedModel(info, bytes, graph, task, decoder, loadMs);
            fits = true;
            return model;
        } catch (OutOfMemoryError e) { // the last model must run on
            throw tooLarge();
        } finally {
            if (!fits) {
                graph.close();
            }
        }
    }

    private static void checkInput(List<TensorSpec> inputs) throws LabException {
        if (inputs.size() != 1 || !isPicture(inputs.get(0))) {
            throw new LabException("bad_model", "The model must have one RGB picture as its input,"
                    + " float32, uint8 or int8, of at most a megapixel; it has " + inputs + ".");
        }
    }

    private static boolean isPicture(TensorSpec spec) {
        int[] shape = spec.shape;
        return shape.length == 4 && shape[0] == 1 && shape[3] == 3 && spec.isReal()
                && spec.elements() > 0 && spec.elements() / 3 <= Preprocessor.MAX_PIXELS;
    }

    private static ByteBuffer buffer(TensorSpec spec) throws LabException {
        long bytes = (long) spec.elements() * spec.elementBytes();
        if (bytes > Integer.MAX_VALUE) {
            throw tooLarge();
        }
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }

    private static LabException tooLarge() {
        return new LabException(
                "bad_model", "The phone has no memory for the model's inputs and outputs.");
    }

    /**
     * Where the model's input lies on an upright picture: left, top, right, bottom as fractions
     * of it. Boxes and maps lie on that input.
     */
    public float[] inputArea(int pictureWidth, int pictureHeight) {
        return fit.area(pictureWidth, pictureHeight, input.shape[2], input.shape[1]);
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

    void convert(RgbPicture picture) {
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
