package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.Made;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;

public final class VectorsTest {
    private static WireReader reader(byte[] bytes) {
        return new WireReader(new ByteArrayInputStream(bytes));
    }

    private static byte[] payload(byte[] message) {
        return Arrays.copyOfRange(message, 8, message.length);
    }

    private static JSONObject json(byte[] message, int from) {
        byte[] text = Arrays.copyOfRange(message, from, message.length);
        return new JSONObject(new String(text, StandardCharsets.UTF_8));
    }

    @Test
    public void preambleIsTheOneOfTheSpecification() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new WireWriter(out).preamble();
        assertArrayEquals(Vectors.bytes("preamble"), out.toByteArray());
        reader(out.toByteArray()).readPreamble();
    }

    @Test
    public void everyCommandIsReadAsItIsMeant() throws IOException {
        int read = 0;
        for (String name : Vectors.names("")) {
            JSONObject meaning = Vectors.meaning(name);
            if (!"lab".equals(meaning.optString("from")) || meaning.has("then")) {
                continue;
            }
            Command command = reader(Vectors.bytes(name)).next();
            assertEquals(name, meaning.getInt("type"), command.type);
            assertEquals(name, (int) meaning.getLong("id"), command.id);
            JSONObject values = meaning.getJSONObject("values");
            if (command.type == Wire.LOAD_CHUNK) {
                assertEquals(name, values.getLong("offset"), command.offset);
                byte[] data = Arrays.copyOfRange(
                        command.buffer, command.start, command.start + command.length);
                assertEquals(name, values.getString("data_hex"), ModelStore.hex(data));
            } else {
                JSONObject body = command.json == null ? new JSONObject() : command.json;
                assertTrue(name, values.similar(body));
            }
            read++;
        }
        assertTrue("only " + read + " commands", read >= 8);
    }

    @Test
    public void unknownTypeIsSkipped() throws IOException {
        WireReader reader = reader(Vectors.bytes("unknown_type_from_lab"));
        Command command = reader.next();
        assertEquals(Wire.PING, command.type);
        assertEquals(21, command.id);
        assertNull(reader.next());
    }

    @Test
    public void everyBrokenMessageIsRefusedByName() throws IOException {
        int refused = 0;
        for (String name : Vectors.names("broken")) {
            JSONObject meaning = Vectors.meaning(name);
            if ("phone".equals(meaning.getString("from"))) {
                continue;
            }
            String error = meaning.getString("error");
            try {
                WireReader reader = reader(Vectors.bytes(name));
                if (error.equals("magic") || error.equals("version")) {
                    reader.readPreamble();
                } else {
                    reader.next();
                }
                fail(name + " was taken");
            } catch (WireException e) {
                assertEquals(name, error, e.fault);
                refused++;
            }
        }
        assertTrue("only " + refused + " refused", refused >= 9);
    }

    private static final Limits LIMITS =
            new Limits(Settings.CAMERAS, 6, Settings.DELEGATES, 8);

    /** Of the vectors whose message this is: their names. */
    private static List<String> named(String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : Vectors.names("")) {
            if (name.equals(prefix) || name.startsWith(prefix + "_")) {
                names.add(name);
            }
        }
        assertFalse("no vectors of " + prefix, names.isEmpty());
        return names;
    }

    @Test
    public void everySettingIsReadOnTopOfWhatIs() throws Exception {
        Settings before = new Settings(7, "xnnpack", "camera", "back", false);
        for (String name : named("set")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            Settings after = Messages.settings(values, before, LIMITS);
            assertEquals(name, values.optInt("threads", before.threads), after.threads);
            assertEquals(name, values.optString("delegate", before.delegate), after.delegate);
            assertEquals(name, values.optString("source", before.source), after.source);
            assertEquals(name, values.optString("camera", before.camera), after.camera);
            assertEquals(name, values.optBoolean("paused", before.paused), after.paused);
        }
    }

    @Test
    public void settingsOfWrongKindOrValueAreRefused() throws Exception {
        Settings before = new Settings(4, "xnnpack", "camera", "back", true);
        for (String json : Arrays.asList("{\"threads\":\"4\"}", "{\"threads\":0}",
                "{\"threads\":9}", "{\"threads\":2.5}", "{\"delegate\":\"tpu\"}",
                "{\"source\":\"film\"}", "{\"camera\":\"side\"}", "{\"camera\":true}",
                "{\"paused\":1}", "{\"source\":null}")) {
            try {
                Messages.settings(new JSONObject(json), before, LIMITS);
                fail(json + " was taken");
            } catch (LabException e) {
                assertEquals("bad_value", e.code);
            }
        }
    }

    @Test
    public void everyAnnouncedModelIsRead() throws Exception {
        for (String name : named("load_begin")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            ModelInfo info = Messages.modelInfo(values);
            assertEquals(name, values.getString("name"), info.name);
            assertEquals(name, values.getString("sha256"), info.sha256);
            assertEquals(name, values.getLong("size_bytes"), info.sizeBytes);
            assertEquals(name, values.optBoolean("untrained"), info.untrained);
            assertEquals(name, values.getJSONArray("labels").toList(), info.labels);
            assertEquals(name, values.opt("task"), info.reading.task);
            assertEquals(name, values.opt("scores"), info.reading.scores);
            assertEquals(name, values.opt("fit"),
                    info.reading.fit == null ? null : info.reading.fit.word);
        }
        try {
            Messages.modelInfo(new JSONObject("{\"name\":\"x\"}"));
            fail("taken");
        } catch (LabException e) {
            assertEquals("bad_value", e.code);
        }
    }

    @Test
    public void everyStateIsSaidAsItIsMeant() throws Exception {
        for (String name : named("state")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            byte[] said = Messages.state(Made.state(values));
            assertEquals(name, Wire.STATE, said[0]);
            assertTrue(name + " " + json(said, 8), values.similar(json(said, 8)));
        }
    }

    @Test
    public void everyModelIsSaidAsItIsMeant() throws Exception {
        for (String name : named("model")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            byte[] said = Messages.model(Made.model(values));
            assertEquals(name, Wire.MODEL, said[0]);
            assertTrue(name + " " + json(said, 8), values.similar(json(said, 8)));
        }
    }

    @Test
    public void labelsThatDoNotFitAreLeftOut() throws Exception {
        JSONObject values = Vectors.meaning("model").getJSONObject("values");
        char[] long_ = new char[1 << 19];
        Arrays.fill(long_, 'ß');
        values.put("labels", new JSONArray().put(new String(long_)));
        byte[] said = Messages.model(Made.model(values));
        assertTrue(said.length < Wire.MAX_PAYLOAD);
        assertEquals(0, json(said, 8).getJSONArray("labels").length());
    }

    @Test
    public void longestNamesAndSentencesDoNotBurstAMessage() throws Exception {
        char[] slashes = new char[Wire.MAX_PAYLOAD]; // which JSON may write as two characters
        Arrays.fill(slashes, '/');
        String endless = new String(slashes);
        JSONObject values = Vectors.meaning("model").getJSONObject("values").put("name", endless);
        assertTrue(json(Messages.model(Made.model(values)), 8).getString("name").length() < 600);
        assertTrue(Messages.refused(1, new LabException("bad_value", endless)).length < 4096);
        JSONObject state = Vectors.meaning("state").getJSONObject("values")
                .put("delegate_note", endless)
                .put("error", new JSONObject().put("code", "bad_model").put("text", endless));
        assertTrue(Messages.state(Made.state(state)).length < 8192);
    }

    @Test
    public void jsonThatIsNestedTooDeepIsRefused() throws IOException {
        byte[] body = new byte[Wire.MAX_PAYLOAD - 4];
        Arrays.fill(body, (byte) '[');
        byte[] start = "{\"a\":".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(start, 0, body, 0, start.length);
        try {
            reader(LabEnd.encode(Wire.SET, 1, body)).next();
            fail("taken");
        } catch (WireException e) {
            assertEquals("json", e.fault);
        }
    }

    @Test
    public void helloSaysWhatMayBeAskedFor() throws Exception {
        for (String name : named("hello")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            JSONObject hello = new JSONObject(values.toString());
            for (String field : Arrays.asList(
                    "sources", "cameras", "pictures", "delegates", "max_threads")) {
                hello.remove(field);
            }
            Limits limits = new Limits(strings(values, "cameras"), values.getInt("pictures"),
                    strings(values, "delegates"), values.getInt("max_threads"));
            assertTrue(name, values.similar(Messages.putLimits(hello, limits)));
        }
    }

    private static List<String> strings(JSONObject values, String field) {
        List<String> strings = new ArrayList<>();
        for (Object item : values.getJSONArray(field)) {
            strings.add((String) item);
        }
        return strings;
    }

    @Test
    public void samplesAreWrittenByteForByte() throws IOException {
        JSONArray records = Vectors.meaning("samples").getJSONArray("values");
        ByteBuffer out = ByteBuffer.allocate(72 * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < records.length(); i++) {
            JSONObject record = records.getJSONObject(i);
            Sample sample = new Sample();
            sample.sequence = record.getInt("sequence");
            sample.generation = record.getInt("generation");
            sample.capturedNs = record.getLong("captured_ns");
            sample.finishedNs = record.getLong("finished_ns");
            sample.cameraNs = record.getLong("camera_ns");
            sample.convertNs = record.getLong("convert_ns");
            sample.inferNs = record.getLong("infer_ns");
            sample.postNs = record.getLong("post_ns");
            sample.drawNs = record.getLong("draw_ns");
            sample.result = (int) record.getLong("result");
            sample.temperature = (short) record.getInt("temperature");
            sample.flags = record.getInt("flags");
            sample.putInto(out);
        }
        assertArrayEquals(payload(Vectors.bytes("samples")), out.array());
    }

    private static Recognition recognition(JSONObject values) {
        JSONArray entries = values.getJSONArray("entries");
        int count = entries.length();
        int[] classes = new int[count];
        float[] scores = new float[count];
        float[] boxes = new float[4 * count];
        String[] sides = {"top", "left", "bottom", "right"};
        for (int i = 0; i < count; i++) {
            JSONObject entry = entries.getJSONObject(i);
            classes[i] = entry.getInt("class");
            scores[i] = entry.getFloat("score");
            for (int side = 0; side < 4; side++) {
                boxes[4 * i + side] = entry.optFloat(sides[side]);
            }
        }
        switch (values.getString("kind")) {
            case "classes":
                return Recognition.classes(classes, scores);
            case "boxes":
                return Recognition.boxes(classes, scores, boxes);
            case "map":
                return Recognition.map(classes, scores, values.getInt("columns"),
                        values.getInt("rows"), Vectors.fromHex(values.getString("cells_hex")));
            default:
                JSONArray items = values.getJSONArray("vector");
                float[] vector = new float[items.length()];
                for (int i = 0; i < vector.length; i++) {
                    vector[i] = items.getFloat(i);
                }
                return Recognition.vector(vector);
        }
    }

    @Test
    public void everyResultIsWrittenByteForByte() throws IOException {
        for (String name : named("result")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            Recognition seen = Made.in(values.optInt("picture"), recognition(values));
            ByteBuffer out = Outbox.takeBuffer();
            ResultRecord.put(out, values.getInt("sequence"), values.getInt("generation"), seen);
            assertEquals(name, out.position(), ResultRecord.size(seen));
            byte[] written = Arrays.copyOf(out.array(), out.position());
            assertArrayEquals(name, Vectors.bytes(name), written);
        }
    }

    @Test
    public void largestResultsFitIntoAMessage() {
        ByteBuffer out = Outbox.takeBuffer();
        for (Recognition seen : Arrays.asList(
                Recognition.vector(new float[Recognition.MAX_VECTOR]),
                Recognition.map(new int[5], new float[5], 512, 512,
                        new byte[Recognition.MAX_CELLS]))) {
            assertTrue(ResultRecord.size(seen) <= Wire.MAX_PAYLOAD);
            out.clear();
            ResultRecord.put(out, 1, 1, seen);
            assertEquals(out.position(), ResultRecord.size(seen));
            assertEquals(out.position() - 8, out.getInt(4));
        }
    }

    @Test
    public void answersSayWhatTheyMean() throws IOException {
        byte[] done = Messages.done(1);
        assertArrayEquals(Vectors.bytes("answer_ok"), done);
        JSONObject meaning = Vectors.meaning("answer_refused");
        JSONObject values = meaning.getJSONObject("values");
        byte[] refused = Messages.refused((int) meaning.getLong("id"),
                new LabException(values.getString("code"), values.getString("text")));
        byte[] wanted = Vectors.bytes("answer_refused");
        assertArrayEquals(Arrays.copyOf(wanted, 12), Arrays.copyOf(refused, 12));
        assertTrue(values.similar(json(refused, 12)));
    }

    @Test
    public void byeSaysWhatItMeans() throws IOException {
        JSONObject values = Vectors.meaning("bye").getJSONObject("values");
        byte[] bye = Messages.bye(values.getString("code"), values.getString("text"));
        assertTrue(values.similar(json(bye, 8)));
        assertEquals(Wire.BYE, bye[0]);
    }

    @Test
    public void aLabThatLeavesBetweenMessagesIsNoError() throws IOException {
        assertNull(reader(new byte[0]).next());
    }
}
