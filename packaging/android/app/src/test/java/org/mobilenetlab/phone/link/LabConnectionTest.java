package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import org.json.JSONObject;
import org.junit.Rule;
import org.junit.Test;

/** One lab's conversation with the app without Android. */
public final class LabConnectionTest {
    private static final byte[] B_MODEL = {'B', 'm', 'o', 'd', 'e', 'l'};
    private static final byte[] NOTHING = new byte[0];

    @Rule public final PhoneEnd phone = new PhoneEnd();

    private LabEnd linked() throws Exception {
        LabEnd lab = phone.connect();
        lab.greet();
        return lab;
    }

    @Test
    public void greetingSaysWhatMayBeAskedFor() throws Exception {
        JSONObject[] greeting = phone.connect().greet();
        assertEquals("[\"camera\",\"pictures\",\"loop\"]",
                greeting[0].getJSONArray("sources").toString());
        assertEquals(2, greeting[0].getInt("pictures"));
        assertEquals("back", greeting[1].getString("camera"));
        assertEquals("A", greeting[2].getString("name"));
        assertEquals("crop", greeting[2].getString("fit"));
    }

    @Test
    public void commandsAreAnsweredInTheirOrder() throws Exception {
        LabEnd lab = linked();
        lab.send(Wire.PING, 7, NOTHING);
        lab.send(Wire.SET, 8, "{\"threads\":99}".getBytes("UTF-8"));
        lab.send(Wire.SET, 9, "{\"paused\":true}".getBytes("UTF-8"));
        for (String wanted : Arrays.asList("7 ok", "8 bad_value", "9 ok")) {
            LabEnd.Message answer = lab.receive(Wire.ANSWER);
            assertEquals(wanted, answer.id() + " " + answer.verdict());
        }
        assertTrue(phone.engine.state().settings.paused);
    }

    @Test
    public void settingIsToldBeforeItsAnswer() throws Exception {
        LabEnd lab = linked();
        lab.send(Wire.SET, 1, "{\"source\":\"loop\",\"camera\":\"front\"}".getBytes("UTF-8"));
        JSONObject state = lab.receive(Wire.STATE).json();
        assertEquals("loop", state.getString("source"));
        assertEquals("front", state.getString("camera"));
        assertEquals("ok", lab.receive(Wire.ANSWER).verdict());
    }

    @Test
    public void whatIsWrongChangesNothingAtAll() throws Exception {
        LabEnd lab = linked();
        assertEquals("bad_value", lab.ask(Wire.SET,
                new JSONObject().put("paused", true).put("camera", "side")));
        assertEquals("bad_value", lab.ask(Wire.SET,
                new JSONObject().put("paused", true).put("threads", "4")));
        assertEquals("bad_value", lab.set("delegate", "nnapi")); // this phone has none
        assertEquals("bad_value", lab.set("source", JSONObject.NULL));
        assertEquals("ok", lab.set("colour", "red")); // a field from the future
        assertEquals(false, phone.engine.state().settings.paused);
    }

    @Test
    public void modelAndStateComeBeforeTheAnswerToLoadEnd() throws Exception {
        LabEnd lab = linked();
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("new", B_MODEL).put("threads", 5));
        lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(0, B_MODEL));
        lab.send(Wire.LOAD_END, 3, NOTHING);
        boolean model = false;
        boolean state = false;
        LabEnd.Message message = lab.receive();
        while (message.type != Wire.ANSWER) {
            model |= message.type == Wire.MODEL && message.json().getInt("generation") == 2;
            state |= message.type == Wire.STATE && message.json().getInt("threads") == 5;
            message = lab.receive();
        }
        assertEquals("ok", message.verdict());
        assertTrue(model);
        assertTrue(state);
        assertTrue(phone.runtime.log.contains("close A/2/xnnpack"));
        assertEquals("new", phone.stored());
    }

    @Test
    public void taskFitAndScoresOfALoadAreObeyed() throws Exception {
        LabEnd lab = linked();
        assertEquals("ok", lab.load(LabEnd.begin("new", B_MODEL).put("task", "embedding")
                .put("fit", "letterbox").put("scores", "logits"), B_MODEL));
        assertEquals("embedding", phone.engine.model().task);
        assertEquals("letterbox", phone.engine.model().fit.word);
        assertEquals("bad_model", lab.load(
                LabEnd.begin("next", B_MODEL).put("task", "detection"), B_MODEL));
        assertEquals("new", phone.engine.model().info.name);
        assertEquals("new", phone.stored());
    }

    @Test
    public void loadKeepsWhatWasSetMeanwhile() throws Exception {
        LabEnd lab = linked();
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("new", B_MODEL));
        lab.set("threads", 3);
        lab.set("paused", true);
        lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(0, B_MODEL));
        assertEquals("ok", lab.ask(Wire.LOAD_END, NOTHING));
        assertEquals(3, phone.engine.state().settings.threads);
        assertTrue(phone.engine.state().settings.paused);
        assertEquals("new", phone.engine.model().info.name);
    }

    @Test
    public void loadBeginWithAWrongFieldIsRefusedAndTheLinkLives() throws Exception {
        LabEnd lab = linked();
        String sha256 = LabEnd.sha256(B_MODEL);
        Object[][] cases = {
            {"sha256", "00", "bad_value"},
            {"sha256", sha256.toUpperCase(Locale.ROOT), "bad_value"},
            {"size_bytes", 0, "bad_value"},
            {"size_bytes", 1.5, "bad_value"},
            {"size_bytes", 1L << 40, "too_big"},
            {"labels", JSONObject.NULL, "bad_value"},
            {"labels", new Object[] {"a", 1}, "bad_value"},
            {"untrained", 0, "bad_value"},
            {"threads", 99, "bad_value"},
            {"delegate", "gpu", "bad_value"},
            {"task", "poetry", "bad_value"},
            {"task", JSONObject.NULL, "bad_value"},
            {"fit", "Crop", "bad_value"},
            {"scores", 1, "bad_value"},
            {"source", 5, "ok"}, // no field of LOAD_BEGIN, so it is ignored
            {"threads", 1, "ok"},
            {"name", 1, "bad_value"},
        };
        for (Object[] one : cases) {
            assertEquals(one[0] + " " + one[1], one[2], lab.ask(
                    Wire.LOAD_BEGIN, LabEnd.begin("new", B_MODEL).put((String) one[0], one[1])));
        }
        assertEquals("bad_state", lab.ask(Wire.LOAD_END, NOTHING)); // the last one dropped it
    }

    @Test
    public void healthComesOfItself() throws Exception {
        assertEquals(1, linked().receive(Wire.HEALTH).json().getInt("clock_ns"));
    }

    @Test
    public void strangerIsHungUpOn() throws Exception {
        phone.connect().out.write(Vectors.bytes("broken/magic"));
        phone.awaitEnd();
        assertEquals("magic", ((WireException) phone.end.get()).fault);
    }

    @Test
    public void secondLabIsToldWhyItIsTurnedAway() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LabConnection.turnAway(out, "busy", "Another lab is connected.");
        byte[] said = out.toByteArray();
        byte[] preamble = Vectors.bytes("preamble");
        assertEquals(Arrays.toString(preamble), Arrays.toString(Arrays.copyOf(said, 8)));
        JSONObject bye = new JSONObject(new String(said, 16, said.length - 16, "UTF-8"));
        assertEquals(Wire.BYE, said[8]);
        assertEquals("busy", bye.getString("code"));
    }
}
