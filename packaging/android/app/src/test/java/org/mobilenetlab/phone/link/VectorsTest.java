package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;
import org.mobilenetlab.phone.core.LabException;
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

    @Test
    public void settingsAreReadOnTopOfWhatIs() throws Exception {
        Settings before = new Settings(4, "xnnpack", "camera", true);
        Settings all = Messages.settings(Vectors.meaning("set").getJSONObject("values"), before);
        assertEquals(2, all.threads);
        assertEquals("cpu", all.delegate);
        assertEquals("loop", all.source);
        Settings one = Messages.settings(
                Vectors.meaning("set_one").getJSONObject("values"), before);
        assertEquals(4, one.threads);
        assertEquals("camera", one.source);
        assertEquals(false, one.paused);
    }

    @Test
    public void settingsOfWrongKindOrValueAreRefused() throws Exception {
        Settings before = new Settings(4, "xnnpack", "camera", true);
        for (String json : Arrays.asList("{\"threads\":\"4\"}", "{\"threads\":0}",
                "{\"threads\":9}", "{\"threads\":2.5}", "{\"delegate\":\"gpu\"}",
                "{\"source\":\"pictures\"}", "{\"paused\":1}", "{\"source\":null}")) {
            try {
                Messages.settings(new JSONObject(json), before);
                fail(json + " was taken");
            } catch (LabException e) {
                assertEquals("bad_value", e.code);
            }
        }
    }

    @Test
    public void announcedModelIsRead() throws Exception {
        ModelInfo info = Messages.modelInfo(
                Vectors.meaning("load_begin_all").getJSONObject("values"));
        assertEquals("v1_0.25_128-int8", info.name);
        assertEquals(10, info.sizeBytes);
        assertTrue(info.untrained);
        try {
            Messages.modelInfo(new JSONObject("{\"name\":\"x\"}"));
            fail("taken");
        } catch (LabException e) {
            assertEquals("bad_value", e.code);
        }
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

    @Test
    public void resultsAreWrittenByteForByte() throws IOException {
        for (String name : Arrays.asList("result_classes", "result_boxes", "result_empty")) {
            JSONObject values = Vectors.meaning(name).getJSONObject("values");
            JSONArray entries = values.getJSONArray("entries");
            boolean hasBoxes = values.getString("kind").equals("boxes");
            int count = entries.length();
            Recognition seen = new Recognition(
                    new int[count], new float[count], hasBoxes ? new float[4 * count] : null);
            for (int i = 0; i < count; i++) {
                JSONObject entry = entries.getJSONObject(i);
                seen.classes[i] = entry.getInt("class");
                seen.scores[i] = entry.getFloat("score");
                String[] sides = {"top", "left", "bottom", "right"};
                for (int side = 0; hasBoxes && side < 4; side++) {
                    seen.boxes[4 * i + side] = entry.getFloat(sides[side]);
                }
            }
            ByteBuffer out = ByteBuffer.allocate(ResultRecord.MAX_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            ResultRecord.put(out, values.getInt("sequence"), values.getInt("generation"), seen);
            byte[] written = Arrays.copyOf(out.array(), out.position());
            assertArrayEquals(name, Vectors.bytes(name), written);
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
