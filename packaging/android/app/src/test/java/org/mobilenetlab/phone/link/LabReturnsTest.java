package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.json.JSONObject;
import org.junit.Rule;
import org.junit.Test;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.RgbPicture;
import org.mobilenetlab.phone.core.TensorSpec;

/** Labs come and go, in the middle of whatever they did; the app goes on. */
public final class LabReturnsTest {
    private static final byte[] NOTHING = new byte[0];

    @Rule public final PhoneEnd phone = new PhoneEnd();

    private LabEnd linked() throws Exception {
        LabEnd lab = phone.connect();
        lab.greet();
        return lab;
    }

    /** Waits until the engine has run on; a run is a result that no lab is there to hear. */
    private void awaitMoreSamples() {
        int before = phone.sequence;
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (phone.sequence == before) {
            assertTrue("the engine stands still", System.nanoTime() < deadline);
            Thread.yield();
        }
    }

    @Test
    public void appGoesOnWhenTheLabDiesAndTheNextOneResumes() throws Exception {
        LabEnd lab = linked();
        assertEquals("ok", lab.set("source", "loop"));
        int before = lab.receive(Wire.SAMPLES).payload.getInt(0);
        phone.hangUp();
        awaitMoreSamples();
        LabEnd next = phone.connect();
        JSONObject[] greeting = next.greet();
        assertEquals("loop", greeting[1].getString("source"));
        assertEquals("A", greeting[2].getString("name"));
        assertEquals(1, greeting[2].getInt("generation"));
        ByteBuffer samples = next.receive(Wire.SAMPLES).payload;
        assertTrue(samples.getInt(0) > before);
        assertEquals(1, samples.getInt(4)); // the same generation: nothing was opened anew
        assertEquals(Arrays.asList("open A/2/xnnpack"), phone.runtime.log);
    }

    @Test
    public void labThatLeavesWithinAMessageHarmsNothing() throws Exception {
        byte[] ping = LabEnd.encode(Wire.PING, 1, NOTHING);
        for (int sent = 1; sent < ping.length; sent++) {
            LabEnd lab = linked();
            lab.out.write(ping, 0, sent);
            phone.hangUp();
            assertTrue("after " + sent, phone.end.get() instanceof IOException);
        }
        assertEquals("ok", linked().ask(Wire.PING, NOTHING));
    }

    @Test
    public void uploadThatBreaksAnywhereLeavesTheLastModel() throws Exception {
        byte[] content = "Bmodel of several chunks".getBytes("UTF-8");
        int step = 5;
        byte[][] commands = new byte[2 + (content.length + step - 1) / step][];
        commands[0] = LabEnd.encode(Wire.LOAD_BEGIN, 1,
                LabEnd.begin("new", content).toString().getBytes("UTF-8"));
        for (int i = 1; i < commands.length - 1; i++) {
            int from = (i - 1) * step;
            commands[i] = LabEnd.encode(Wire.LOAD_CHUNK, 1, LabEnd.chunk(from,
                    Arrays.copyOfRange(content, from, Math.min(content.length, from + step))));
        }
        commands[commands.length - 1] = LabEnd.encode(Wire.LOAD_END, 1, NOTHING);

        for (int whole = 1; whole < commands.length; whole++) {
            for (int more : new int[] {0, 1, commands[whole].length - 1}) {
                LabEnd lab = linked();
                for (int i = 0; i < whole; i++) {
                    lab.out.write(commands[i]);
                    assertEquals("ok", lab.receive(Wire.ANSWER).verdict());
                }
                lab.out.write(commands[whole], 0, more);
                phone.hangUp();
                assertEquals("A", phone.engine.model().info.name);
                assertArrayEquals(new String[0], phone.folder().list());
            }
        }
        LabEnd lab = linked();
        for (byte[] command : commands) {
            lab.out.write(command);
            assertEquals("ok", lab.receive(Wire.ANSWER).verdict());
        }
        assertEquals("new", phone.stored());
    }

    @Test
    public void uploadThatIsWrongLeavesTheLastModelAndTheLink() throws Exception {
        LabEnd lab = linked();
        byte[] good = "Bmodel".getBytes("UTF-8");
        assertEquals("ok", lab.load(LabEnd.begin("good", good), good));
        String[][] cases = {{"Cmodel", "bad_sha256"}, {"Xmodel", "bad_model"},
            {"Rmodel", "bad_model"}};
        for (String[] one : cases) {
            byte[] content = one[0].getBytes("UTF-8");
            JSONObject begin = LabEnd.begin("bad", content);
            if (one[1].equals("bad_sha256")) {
                begin.put("sha256", LabEnd.sha256(good));
            }
            assertEquals(one[0], one[1], lab.load(begin, content));
            assertEquals("bad_state", lab.ask(Wire.LOAD_END, NOTHING));
        }
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("cut", good));
        assertEquals("bad_offset", lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(1, good)));
        assertEquals("bad_state", lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(0, good)));
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("long", good));
        assertEquals("too_big", lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(0, new byte[7])));
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("short", good));
        assertEquals("bad_offset", lab.ask(Wire.LOAD_END, NOTHING));
        assertEquals("good", phone.engine.model().info.name);
        assertEquals("good", phone.stored());
        assertEquals(2, phone.folder().list().length);
    }

    @Test
    public void modelThatCannotBeKeptIsNotRunEither() throws Exception {
        LabEnd lab = linked();
        byte[] content = "Bmodel".getBytes("UTF-8");
        lab.ask(Wire.LOAD_BEGIN, LabEnd.begin("new", content));
        lab.ask(Wire.LOAD_CHUNK, LabEnd.chunk(0, content));
        assertTrue(new File(phone.folder(), "current.new").mkdir());
        assertEquals("no_space", lab.ask(Wire.LOAD_END, NOTHING));
        assertEquals("A", phone.engine.model().info.name);
        assertNull(phone.stored());
    }

    @Test
    public void delegateThatGivesWayIsToldWithTheReason() throws Exception {
        phone.runtime.cannot = "cpu";
        LabEnd lab = linked();
        lab.send(Wire.SET, 1, "{\"delegate\":\"cpu\"}".getBytes("UTF-8"));
        JSONObject state = lab.receive(Wire.STATE).json();
        assertEquals("cpu", state.getString("delegate"));
        assertEquals("xnnpack", state.getString("delegate_applied"));
        assertEquals("It takes none of the operations.", state.getString("delegate_note"));
        assertEquals(2, lab.receive(Wire.MODEL).json().getInt("generation"));
        assertEquals("ok", lab.receive(Wire.ANSWER).verdict());
    }

    @Test
    public void picturesAndMapsArriveWithTheirNumbers() throws Exception {
        RgbPicture picture = new RgbPicture(1, 1, new byte[3]);
        phone.engine.call(() -> {
            phone.engine.setPictures(Arrays.asList(picture, picture));
            return null;
        });
        phone.runtime.outputs = Arrays.asList(
                new TensorSpec(new int[] {1, 1, 3}, "uint8", 0, 0));
        phone.runtime.answer = new byte[] {9, 0, 9};
        LabEnd lab = linked();
        byte[] content = "Bmodel".getBytes("UTF-8");
        assertEquals("ok", lab.load(LabEnd.begin("map", content), content));
        assertEquals("ok", lab.set("source", "pictures"));
        ByteBuffer result = lab.receive(Wire.RESULT).payload;
        assertEquals(Recognition.MAP, result.get(8));
        assertEquals(2, result.get(9));
        assertTrue(result.getShort(10) == 1 || result.getShort(10) == 2);
        assertEquals(9, result.getInt(12));
        assertEquals(3, result.getShort(28));
        assertEquals(1, result.getShort(30));
        assertEquals(9, result.get(34));
        assertEquals(35, result.capacity());
        ByteBuffer samples = lab.receive(Wire.SAMPLES).payload;
        boolean refers = false;
        for (int at = 0; at < samples.capacity(); at += 72) {
            refers |= samples.getInt(at + 64) == result.getInt(0);
        }
        assertTrue(refers);
    }
}
