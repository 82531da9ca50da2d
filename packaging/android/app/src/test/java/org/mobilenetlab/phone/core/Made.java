package org.mobilenetlab.phone.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;

/** The engine's values with what a vector of tests/vectors/link says they hold. */
public final class Made {
    private static final long LOAD_NS_PER_MS = 1_000_000;

    private Made() {
    }

    public static LabState state(JSONObject values) throws LabException {
        int asked = values.getInt("threads_asked");
        Settings settings = new Settings(asked, values.getString("delegate"),
                values.getString("source"), values.getString("camera"),
                values.getBoolean("paused")).cutTo(values.getInt("threads"));
        JSONObject error = values.optJSONObject("error");
        return new LabState(settings, graph(values),
                error == null ? null
                        : new LabException(error.getString("code"), error.getString("text")));
    }

    private static ModelRuntime.Graph graph(JSONObject values) throws LabException {
        String applied = values.getString("delegate_applied");
        String note = values.getString("delegate_note");
        ModelRuntime.Graph graph = new FakeRuntime().open(FakeRuntime.model('A'), 1, applied);
        return new ModelRuntime.Graph() {
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
                return applied;
            }

            @Override
            public String delegateNote() {
                return note;
            }

            @Override
            public void run(ByteBuffer input, ByteBuffer[] outputs)
                    throws LabException {
                graph.run(input, outputs);
            }

            @Override
            public void close() {
                graph.close();
            }
        };
    }

    /** A loaded model; task and fit must come from the reading and the outputs, as told. */
    public static LoadedModel model(JSONObject values) throws LabException {
        JSONObject input = values.getJSONObject("input");
        FakeRuntime runtime = new FakeRuntime();
        runtime.input = new TensorSpec(ints(input.getJSONArray("shape")),
                input.getString("dtype"), (float) input.getDouble("scale"),
                input.getInt("zero_point"));
        String task = values.getString("task");
        runtime.outputs = outputs(task);
        List<String> labels = new ArrayList<>();
        for (Object label : values.getJSONArray("labels")) {
            labels.add((String) label);
        }
        ModelInfo info = new ModelInfo(values.getString("name"), values.getString("sha256"),
                values.getLong("size_bytes"), values.getBoolean("untrained"), labels,
                Reading.of(task, values.getString("fit"), null));
        long loadNs = (long) (values.getDouble("load_ms") * LOAD_NS_PER_MS);
        long[] now = {-loadNs};
        LoadedModel model = LoadedModel.open(runtime, info, FakeRuntime.model('A'),
                new Settings(1, "cpu", "loop", "back", false), () -> now[0] += loadNs);
        model.generation = values.getInt("generation");
        model.firstMs = values.getDouble("first_ms");
        return model;
    }

    /** The same, seen in that picture of the APK. */
    public static Recognition in(int picture, Recognition seen) {
        return seen.in(picture);
    }

    private static List<TensorSpec> outputs(String task) {
        TensorSpec vector = Tensors.spec("float32", 0, 0, 1, 4);
        switch (task) {
            case Reading.DETECTION:
                return Arrays.asList(Tensors.spec("float32", 0, 0, 1, 4, 4), vector, vector,
                        Tensors.spec("float32", 0, 0, 1));
            case Reading.SEGMENTATION:
                return Arrays.asList(Tensors.spec("int32", 0, 0, 1, 2, 2));
            default:
                return Arrays.asList(vector);
        }
    }

    private static int[] ints(JSONArray array) {
        int[] ints = new int[array.length()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.getInt(i);
        }
        return ints;
    }
}
