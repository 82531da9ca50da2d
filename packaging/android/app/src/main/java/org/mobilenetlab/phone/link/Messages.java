package org.mobilenetlab.phone.link;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Reading;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.core.TensorSpec;

/** The JSON of PROTOCOL.md: written for what the phone says, read for what the lab says. */
public final class Messages {
    /** Whoever reads a name or a sentence has enough with so many characters. */
    private static final int MAX_TEXT = 500;

    private Messages() {
    }

    /** Text of others' making, which must not burst the message. */
    private static String brief(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    /** STATE. */
    public static byte[] state(LabState state) {
        try {
            JSONObject json = new JSONObject().put("source", state.settings.source)
                    .put("camera", state.settings.camera)
                    .put("paused", state.settings.paused).put("threads", state.settings.threads)
                    .put("threads_asked", state.settings.threadsAsked)
                    .put("delegate", state.settings.delegate)
                    .put("delegate_applied", state.delegateApplied)
                    .put("delegate_note", brief(state.delegateNote));
            Object error = state.errorCode == null ? JSONObject.NULL
                    : new JSONObject().put("code", state.errorCode)
                            .put("text", brief(state.errorText));
            return WireWriter.encode(Wire.STATE, json.put("error", error));
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    /** MODEL. Labels that do not fit into a message are left out. */
    public static byte[] model(LoadedModel model) {
        try {
            JSONObject json = modelJson(model);
            JSONArray labels = array(model.info.labels);
            boolean fits = labels.toString().length() * 3L < Wire.MAX_PAYLOAD - 4096;
            json.put("labels", fits ? labels : new JSONArray());
            return WireWriter.encode(Wire.MODEL, json);
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JSONObject modelJson(LoadedModel model) throws JSONException {
        TensorSpec input = model.input;
        JSONArray shape = new JSONArray();
        for (int side : input.shape) {
            shape.put(side);
        }
        JSONObject tensor = new JSONObject().put("shape", shape).put("dtype", input.dtype)
                .put("scale", (double) input.scale).put("zero_point", input.zeroPoint);
        ModelInfo info = model.info;
        return new JSONObject().put("generation", model.generation() & 0xffffffffL)
                .put("name", brief(info.name)).put("sha256", info.sha256)
                .put("size_bytes", info.sizeBytes)
                .put("task", model.task).put("fit", model.fit.word)
                .put("untrained", info.untrained).put("input", tensor)
                .put("load_ms", model.loadMs).put("first_ms", model.firstMs());
    }

    /** Adds to HELLO's payload what may be asked for here; returns it. */
    public static JSONObject putLimits(JSONObject hello, Limits limits) throws JSONException {
        return hello.put("sources", array(limits.sources)).put("cameras", array(limits.cameras))
                .put("pictures", limits.pictures).put("delegates", array(limits.delegates))
                .put("max_threads", limits.maxThreads);
    }

    /** HELLO or HEALTH of facts that someone else has gathered. */
    static byte[] facts(int type, JSONObject facts) {
        return WireWriter.encode(type, facts);
    }

    /** BYE. */
    public static byte[] bye(String code, String text) {
        try {
            return WireWriter.encode(Wire.BYE,
                    new JSONObject().put("code", code).put("text", text));
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] done(int id) {
        try {
            return WireWriter.encodeAnswer(id, new JSONObject().put("ok", true));
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] refused(int id, LabException reason) {
        try {
            return WireWriter.encodeAnswer(id, new JSONObject().put("ok", false)
                    .put("code", answerCode(reason.code))
                    .put("text", brief(reason.getMessage())));
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A model that fails in its first run is a bad model to the one who sent it. */
    private static String answerCode(String code) {
        return "inference".equals(code) ? "bad_model" : code;
    }

    /** What SET asks for, on top of what is; absent fields stay as they are. */
    static Settings settings(JSONObject json, Settings now, Limits limits) throws LabException {
        Integer threads = optional(json, "threads", Integer.class);
        String delegate = optional(json, "delegate", String.class);
        String source = optional(json, "source", String.class);
        String camera = optional(json, "camera", String.class);
        Boolean paused = optional(json, "paused", Boolean.class);
        limits.check(threads, delegate, source, camera);
        return now.with(threads, delegate, source, camera, paused);
    }

    /** What LOAD_BEGIN asks for, on top of what is. */
    static Settings settingsToLoad(JSONObject json, Settings now, Limits limits)
            throws LabException {
        Integer threads = optional(json, "threads", Integer.class);
        String delegate = optional(json, "delegate", String.class);
        limits.check(threads, delegate, null, null);
        return now.with(threads, delegate, null, null, null);
    }

    private static <T> T optional(JSONObject json, String field, Class<T> type)
            throws LabException {
        Object value = json.opt(field);
        if (value != null && !type.isInstance(value)) {
            throw new LabException("bad_value", "The field \"" + field + "\" has a wrong type.");
        }
        return type.cast(value);
    }

    /** The model that LOAD_BEGIN announces. */
    static ModelInfo modelInfo(JSONObject json) throws LabException {
        String name = optional(json, "name", String.class);
        Object size = json.opt("size_bytes");
        String sha256 = optional(json, "sha256", String.class);
        JSONArray labels = optional(json, "labels", JSONArray.class);
        Boolean untrained = optional(json, "untrained", Boolean.class);
        boolean whole = size instanceof Integer || size instanceof Long;
        boolean good = name != null && labels != null && whole && ((Number) size).longValue() > 0
                && sha256 != null && sha256.matches("[0-9a-f]{64}");
        if (!good) {
            throw new LabException("bad_value", "LOAD_BEGIN lacks a field or has a wrong one.");
        }
        return new ModelInfo(name, sha256, ((Number) size).longValue(),
                Boolean.TRUE.equals(untrained), strings(labels),
                Reading.of(json.opt("task"), json.opt("fit"), json.opt("scores")));
    }

    private static List<String> strings(JSONArray array) throws LabException {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < array.length(); i++) {
            Object item = array.opt(i);
            if (!(item instanceof String)) {
                throw new LabException("bad_value", "A label is not text.");
            }
            strings.add((String) item);
        }
        return strings;
    }

    static JSONArray array(Collection<String> strings) {
        return new JSONArray(strings);
    }
}
