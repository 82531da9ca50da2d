package org.mobilenetlab.phone;

import android.os.Build;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetlab.phone.core.GraphFacts;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.ModelRuntime;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.TensorSpec;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.ExecutionPlan;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.Tensor;
import org.tensorflow.lite.TensorFlowLite;
import org.tensorflow.lite.nnapi.NnApiDelegate;

/** Executes models with TensorFlow Lite. */
final class TfLiteRuntime implements ModelRuntime {
    private static final int ANDROID_8_1 = 27;

    /** The runtime's name and version, for HELLO. Loads the native library. */
    static String version() {
        try {
            return "TensorFlow Lite " + TensorFlowLite.runtimeVersion();
        } catch (UnsatisfiedLinkError e) {
            return "TensorFlow Lite, which does not load here";
        }
    }

    @Override
    public Graph open(ByteBuffer model, int threads, String delegate) throws LabException {
        int operations = GraphFacts.operations(model);
        if (!Settings.NNAPI.equals(delegate)) {
            return create(model, threads, delegate, operations, "");
        }
        if (Build.VERSION.SDK_INT < ANDROID_8_1) {
            return create(model, threads, Settings.XNNPACK, operations,
                    "NNAPI needs Android 8.1 or later.");
        }
        String reason;
        try {
            TfLiteGraph graph = create(model, threads, delegate, operations, "");
            if (graph.delegated) {
                return graph;
            }
            graph.close();
            reason = "NNAPI takes none of this model's operations on this phone.";
        } catch (LabException e) {
            reason = "NNAPI refused the model: " + e.getMessage();
        }
        return create(model, threads, Settings.XNNPACK, operations, reason);
    }

    private static TfLiteGraph create(
            ByteBuffer model, int threads, String delegate, int operations, String note)
            throws LabException {
        NnApiDelegate nnapi = null;
        Interpreter interpreter = null;
        boolean open = false;
        try {
            Interpreter.Options options = new Interpreter.Options();
            options.setNumThreads(threads);
            options.setUseXNNPACK(Settings.XNNPACK.equals(delegate));
            if (Settings.NNAPI.equals(delegate)) {
                nnapi = new NnApiDelegate();
                options.addDelegate(nnapi);
            }
            interpreter = new Interpreter(model, options);
            interpreter.allocateTensors();
            TfLiteGraph graph = new TfLiteGraph(interpreter, nnapi, delegate, operations, note);
            open = true;
            return graph;
        } catch (IllegalArgumentException | IllegalStateException
                | UnsupportedOperationException e) {
            throw new LabException("bad_model", "TensorFlow Lite cannot open the model: "
                    + e.getMessage());
        } catch (UnsatisfiedLinkError e) { // for instance on a phone with 16 KB pages
            throw new LabException("bad_model", "TensorFlow Lite does not load on this phone: "
                    + e.getMessage());
        } finally {
            if (!open) {
                close(interpreter, nnapi);
            }
        }
    }

    private static void close(Interpreter interpreter, NnApiDelegate nnapi) {
        if (interpreter != null) {
            interpreter.close();
        }
        if (nnapi != null) {
            nnapi.close(); // only after the interpreter that uses it
        }
    }

    private static TensorSpec spec(Tensor tensor) {
        DataType type = tensor.dataType();
        Tensor.QuantizationParams quantised = tensor.quantizationParams();
        return new TensorSpec(tensor.shape(), type.name().toLowerCase(Locale.ROOT),
                quantised.getScale(), quantised.getZeroPoint());
    }

    private static final class TfLiteGraph implements Graph {
        private final Interpreter interpreter;
        private final NnApiDelegate nnapi;
        private final List<TensorSpec> inputs = new ArrayList<>();
        private final List<TensorSpec> outputs = new ArrayList<>();
        private final Object[] inputSlot = new Object[1];
        private final Map<Integer, Object> outputSlots = new HashMap<>();
        private final String applied;
        private final String note;
        /** Whether a delegate has taken at least one operation. */
        private final boolean delegated;

        TfLiteGraph(Interpreter interpreter, NnApiDelegate nnapi, String wanted, int operations,
                String note) {
            this.interpreter = interpreter;
            this.nnapi = nnapi;
            for (int i = 0; i < interpreter.getInputTensorCount(); i++) {
                inputs.add(spec(interpreter.getInputTensor(i)));
            }
            for (int i = 0; i < interpreter.getOutputTensorCount(); i++) {
                outputs.add(spec(interpreter.getOutputTensor(i)));
            }
            delegated = ExecutionPlan.length(interpreter) < operations;
            boolean cpu = Settings.CPU.equals(wanted);
            applied = delegated ? wanted : Settings.CPU;
            String none = "XNNPACK takes none of this model's operations.";
            this.note = (note + (delegated || cpu ? "" : " " + none)).trim();
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
            return applied;
        }

        @Override
        public String delegateNote() {
            return note;
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
            TfLiteRuntime.close(interpreter, nnapi);
        }
    }
}
