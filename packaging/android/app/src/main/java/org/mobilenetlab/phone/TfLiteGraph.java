package org.mobilenetlab.phone;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.ModelRuntime;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.TensorSpec;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.Delegate;
import org.tensorflow.lite.ExecutionPlan;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.Tensor;
import org.tensorflow.lite.gpu.GpuDelegate;
import org.tensorflow.lite.gpu.GpuDelegateFactory;
import org.tensorflow.lite.nnapi.NnApiDelegate;

/** A model that TensorFlow Lite has open, on one delegate. One thread. */
final class TfLiteGraph implements ModelRuntime.Graph {
    private final Interpreter interpreter;
    /** Null where the interpreter has its own. */
    private final Delegate delegate;
    private final String asked;
    private final int operations;
    /** How many are left after the delegate has put its own in the place of those it takes. */
    private final int steps;
    private final List<TensorSpec> inputs = new ArrayList<>();
    private final List<TensorSpec> outputs = new ArrayList<>();
    private final Object[] inputSlot = new Object[1];
    private final Map<Integer, Object> outputSlots = new HashMap<>();

    private TfLiteGraph(
            Interpreter interpreter, Delegate delegate, String asked, int operations) {
        this.interpreter = interpreter;
        this.delegate = delegate;
        this.asked = asked;
        this.operations = operations;
        steps = ExecutionPlan.length(interpreter);
        for (int i = 0; i < interpreter.getInputTensorCount(); i++) {
            inputs.add(spec(interpreter.getInputTensor(i)));
        }
        for (int i = 0; i < interpreter.getOutputTensorCount(); i++) {
            outputs.add(spec(interpreter.getOutputTensor(i)));
        }
    }

    /**
     * Opens a model.
     *
     * @param operations how many the model has
     * @throws LabException bad_model: TensorFlow Lite, or the delegate, refuses it
     */
    static TfLiteGraph open(ByteBuffer model, int threads, String asked, int operations)
            throws LabException {
        Delegate delegate = null;
        Interpreter interpreter = null;
        boolean open = false;
        try {
            Interpreter.Options options = new Interpreter.Options();
            options.setNumThreads(threads);
            options.setUseXNNPACK(Settings.XNNPACK.equals(asked));
            delegate = delegate(asked);
            if (delegate != null) {
                options.addDelegate(delegate);
            }
            interpreter = new Interpreter(model, options);
            interpreter.allocateTensors();
            TfLiteGraph graph = new TfLiteGraph(interpreter, delegate, asked, operations);
            open = true;
            return graph;
        } catch (IllegalArgumentException | IllegalStateException
                | UnsupportedOperationException e) {
            throw new LabException(
                    "bad_model", "TensorFlow Lite cannot open the model: " + e.getMessage());
        } catch (UnsatisfiedLinkError e) { // for instance on a phone with 16 KB pages
            throw new LabException("bad_model",
                    "TensorFlow Lite does not load on this phone: " + e.getMessage());
        } finally {
            if (!open) {
                close(interpreter, delegate);
            }
        }
    }

    private static Delegate delegate(String asked) {
        if (Settings.NNAPI.equals(asked)) {
            return new NnApiDelegate();
        }
        if (Settings.GPU.equals(asked)) {
            return new GpuDelegate(new GpuDelegateFactory.Options().setInferencePreference(
                    GpuDelegateFactory.Options.INFERENCE_PREFERENCE_SUSTAINED_SPEED));
        }
        return null;
    }

    private static TensorSpec spec(Tensor tensor) {
        DataType type = tensor.dataType();
        Tensor.QuantizationParams quantised = tensor.quantizationParams();
        return new TensorSpec(tensor.shape(), type.name().toLowerCase(Locale.ROOT),
                quantised.getScale(), quantised.getZeroPoint());
    }

    /** Whether the delegate has taken at least one operation. */
    boolean isDelegated() {
        return steps < operations;
    }

    @Override
    public List<TensorSpec> inputs() {
        return inputs;
    }

    @Override
    public List<TensorSpec> outputs() {
        return outputs;
    }

    @Override
    public String delegateApplied() {
        return isDelegated() ? asked : Settings.CPU;
    }

    @Override
    public String delegateNote() {
        if (Settings.CPU.equals(asked)) {
            return "";
        }
        if (!isDelegated()) {
            return "The delegate takes none of this model's operations.";
        }
        return delegate == null || steps == 1 ? ""
                : "The model's " + operations + " operations became " + steps
                        + " steps; those that the delegate does not take run on the CPU.";
    }

    @Override
    public void run(ByteBuffer input, ByteBuffer[] into) throws LabException {
        try {
            if (into.length == 1) {
                interpreter.run(input, into[0]);
                return;
            }
            inputSlot[0] = input;
            for (int i = 0; i < into.length; i++) {
                outputSlots.put(i, into[i]);
            }
            interpreter.runForMultipleInputsOutputs(inputSlot, outputSlots);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new LabException("inference", "TensorFlow Lite stopped: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        close(interpreter, delegate);
    }

    private static void close(Interpreter interpreter, Delegate delegate) {
        if (interpreter != null) {
            interpreter.close();
        }
        if (delegate != null) {
            delegate.close(); // only after the interpreter that uses it
        }
    }
}
