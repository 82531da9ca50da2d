package org.mobilenetlab.phone;

import android.os.AsyncTask;
import android.os.Build;
import java.nio.ByteBuffer;
import java.util.List;
import org.mobilenetlab.phone.core.GraphFacts;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.ModelRuntime;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.TensorSpec;
import org.mobilenetlab.phone.runtime.DelegateTrial;
import org.tensorflow.lite.TensorFlowLite;

/** Executes models with TensorFlow Lite; a delegate that refuses gives way to XNNPACK, and why. */
final class TfLiteRuntime implements ModelRuntime {
    private static final int ANDROID_8_1 = 27;

    private final DelegateTrial trial;
    private final Runnable forgetTrial = new Runnable() {
        @Override
        public void run() {
            trial.end();
        }
    };

    TfLiteRuntime(DelegateTrial trial) {
        this.trial = trial;
    }

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
        if (!isDriver(delegate)) {
            return TfLiteGraph.open(model, threads, delegate, operations);
        }
        String reason = obstacle(delegate);
        if (reason == null) {
            trial.begin(delegate);
            try {
                TfLiteGraph graph = TfLiteGraph.open(model, threads, delegate, operations);
                if (graph.isDelegated()) {
                    return new DriverGraph(graph, delegate, model, threads, operations);
                }
                graph.close();
                reason = name(delegate) + " takes none of this model's operations here.";
            } catch (LabException e) {
                reason = name(delegate) + " refuses the model. " + e.getMessage();
            }
            trial.end();
        }
        TfLiteGraph instead = TfLiteGraph.open(model, threads, Settings.XNNPACK, operations);
        return new DriverGraph(instead, reason);
    }

    /** Whether a delegate is the phone's own, which may refuse or fail. */
    private static boolean isDriver(String delegate) {
        return Settings.NNAPI.equals(delegate) || Settings.GPU.equals(delegate);
    }

    private static String name(String delegate) {
        return Settings.GPU.equals(delegate) ? "The GPU" : "NNAPI";
    }

    /** Why a delegate need not even be tried, or null. */
    private String obstacle(String delegate) {
        if (Settings.NNAPI.equals(delegate) && Build.VERSION.SDK_INT < ANDROID_8_1) {
            return "NNAPI needs Android 8.1 or later.";
        }
        if (Settings.GPU.equals(delegate) && !NativeLibraries.hasGpu()) {
            return "The app was built without the GPU's library.";
        }
        if (trial.endedTheApp(delegate)) {
            return "The app ended when it last tried " + delegate
                    + ". Ask for it once more to try again.";
        }
        return null;
    }

    /**
     * A graph on the phone's own delegate, or on what was taken in its place. Some drivers build
     * the graph in the first run only: one that fails there is replaced as well.
     */
    private final class DriverGraph implements Graph {
        private TfLiteGraph graph;
        /** Why the delegate was not applied; else null. */
        private String reason;
        /** The model while the first run is still to come, else null. */
        private ByteBuffer model;
        private final String asked;
        private final int threads;
        private final int operations;

        /** On the delegate, before its first run. */
        DriverGraph(TfLiteGraph graph, String asked, ByteBuffer model, int threads,
                int operations) {
            this.graph = graph;
            this.asked = asked;
            this.model = model;
            this.threads = threads;
            this.operations = operations;
        }

        /** On another one, and why. */
        DriverGraph(TfLiteGraph graph, String reason) {
            this(graph, Settings.XNNPACK, null, 0, 0);
            this.reason = reason;
        }

        @Override
        public void run(ByteBuffer input, ByteBuffer[] outputs) throws LabException {
            if (model == null) {
                graph.run(input, outputs);
                return;
            }
            try {
                graph.run(input, outputs);
            } catch (LabException e) {
                reason = name(asked) + " failed in its first run, whose time counts to that of"
                        + " the first on XNNPACK. " + e.getMessage();
                TfLiteGraph instead =
                        TfLiteGraph.open(model, threads, Settings.XNNPACK, operations);
                graph.close();
                graph = instead;
                graph.run(input, outputs);
            } finally {
                endTrial();
            }
        }

        @Override
        public List<TensorSpec> inputs() {
            return graph.inputs();
        }

        @Override
        public List<TensorSpec> outputs() {
            return graph.outputs();
        }

        @Override
        public String delegateApplied() {
            return graph.delegateApplied();
        }

        @Override
        public String delegateNote() {
            String note = graph.delegateNote();
            return reason == null ? note : (reason + " " + note).trim();
        }

        @Override
        public void close() {
            endTrial();
            graph.close();
        }

        private void endTrial() {
            if (model != null) {
                model = null;
                AsyncTask.execute(forgetTrial); // the first run is being timed
            }
        }
    }
}
