package org.mobilenetlab.phone.link;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.json.JSONObject;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.FakeRuntime;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;

/** A lab made of raw bytes at one end, the app without Android at the other. */
public final class LabConnectionTest implements Engine.Listener, LabConnection.Facts {
    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    private final FakeRuntime runtime = new FakeRuntime();
    private final AtomicReference<Throwable> end = new AtomicReference<>();
    private volatile LabConnection connection;
    private Engine engine;
    private Socket lab;
    private Thread phone;
    private DataInputStream in;
    private OutputStream out;

    @Before
    public void connect() throws Exception {
        engine = new Engine(System::nanoTime, runtime,
                new Settings(2, "xnnpack", "camera", false), this);
        engine.start();
        engine.call(() -> {
            engine.load(FakeRuntime.info("A"), FakeRuntime.model('A'), engine.settings());
            return null;
        });
        ModelStore store = new ModelStore(folder.getRoot(), "stamp");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            lab = new Socket(server.getInetAddress(), server.getLocalPort());
            start(server.accept(), new LabSession(engine, store));
        }
        lab.setSoTimeout(20_000);
        in = new DataInputStream(lab.getInputStream());
        out = lab.getOutputStream();
    }

    private void start(Socket peer, LabSession session) throws Exception {
        peer.setSoTimeout(20_000);
        LabConnection made = new LabConnection(peer.getInputStream(), peer.getOutputStream(),
                () -> hangUp(peer), this);
        engine.call(() -> {
            made.greet(engine.state(), engine.model());
            connection = made;
            return null;
        });
        phone = new Thread(() -> {
            try {
                made.converse(session);
            } catch (IOException | InterruptedException e) {
                end.set(e);
            } finally {
                hangUp(peer);
            }
        });
        phone.start();
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @After
    public void hangUp() throws Exception {
        lab.close();
        phone.join(20_000);
        assertFalse(phone.isAlive());
    }

    @Override
    public JSONObject hello() {
        return new JSONObject().put("pid", 1);
    }

    @Override
    public JSONObject health() {
        return new JSONObject().put("clock_ns", 1);
    }

    @Override
    public void onState(LabState state) {
        if (connection != null) {
            connection.outbox().put(Messages.state(state));
        }
    }

    @Override
    public void onModel(LoadedModel model) {
        if (connection != null) {
            connection.outbox().put(Messages.model(model));
        }
    }

    @Override
    public void onSample(Sample sample, Recognition seen, LoadedModel model) {
        if (connection != null) {
            connection.outbox().put(sample, seen);
        }
    }

    private static final class Message {
        int type;
        byte[] payload;

        JSONObject json(int from) {
            return new JSONObject(
                    new String(payload, from, payload.length - from, StandardCharsets.UTF_8));
        }

        int id() {
            return ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getInt();
        }
    }

    private Message receive() throws IOException {
        byte[] header = new byte[8];
        in.readFully(header);
        ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        Message message = new Message();
        message.type = head.getShort(0);
        message.payload = new byte[head.getInt(4)];
        in.readFully(message.payload);
        return message;
    }

    /** The next message that was not sent of the app's own accord. */
    private Message receiveAnswer() throws IOException {
        Message message = receive();
        while (message.type != Wire.ANSWER) {
            message = receive();
        }
        return message;
    }

    private void greet() throws IOException {
        out.write(Vectors.bytes("preamble"));
        in.readFully(new byte[8]);
        assertEquals(Wire.HELLO, receive().type);
        assertEquals(Wire.STATE, receive().type);
        assertEquals(Wire.MODEL, receive().type);
    }

    private void send(int type, int id, byte[] rest) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(12 + rest.length).order(ByteOrder.LITTLE_ENDIAN);
        message.putShort((short) type).putShort((short) 0).putInt(4 + rest.length).putInt(id);
        out.write(message.put(rest).array());
    }

    private void send(int type, int id, JSONObject json) throws IOException {
        send(type, id, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(String content) throws Exception {
        return ModelStore.hex(MessageDigest.getInstance("SHA-256")
                .digest(content.getBytes(StandardCharsets.UTF_8)));
    }

    private void load(String content, String sha256) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        send(Wire.LOAD_BEGIN, 1, new JSONObject().put("name", "new").put("sha256", sha256)
                .put("size_bytes", bytes.length).put("labels", new String[] {"a"})
                .put("untrained", true).put("threads", 5));
        assertTrue(receiveAnswer().json(4).getBoolean("ok"));
        byte[] chunk = new byte[8 + bytes.length];
        System.arraycopy(bytes, 0, chunk, 8, bytes.length);
        send(Wire.LOAD_CHUNK, 2, chunk);
        assertTrue(receiveAnswer().json(4).getBoolean("ok"));
        send(Wire.LOAD_END, 3, new byte[0]);
    }

    @Test
    public void commandsAreAnsweredInTheirOrder() throws Exception {
        greet();
        send(Wire.PING, 7, new byte[0]);
        send(Wire.SET, 8, new JSONObject().put("threads", 99));
        send(Wire.SET, 9, new JSONObject().put("paused", true));
        Message ping = receiveAnswer();
        Message refused = receiveAnswer();
        Message done = receiveAnswer();
        assertEquals(7, ping.id());
        assertTrue(ping.json(4).getBoolean("ok"));
        assertEquals(8, refused.id());
        assertEquals("bad_value", refused.json(4).getString("code"));
        assertEquals(9, done.id());
        assertTrue(engine.state().settings.paused);
    }

    @Test
    public void modelAndStateComeBeforeTheAnswerToLoadEnd() throws Exception {
        greet();
        load("Bmodel", sha256("Bmodel"));
        boolean model = false;
        boolean state = false;
        Message message = receive();
        while (message.type != Wire.ANSWER) {
            model |= message.type == Wire.MODEL && message.json(0).getInt("generation") == 2;
            state |= message.type == Wire.STATE && message.json(0).getInt("threads") == 5;
            message = receive();
        }
        assertTrue(message.json(4).getBoolean("ok"));
        assertTrue(model);
        assertTrue(state);
        assertTrue(runtime.log.contains("close A/2/xnnpack"));
        assertEquals("new", new ModelStore(folder.getRoot(), "stamp").current().name);
    }

    @Test
    public void damagedOrBadModelLeavesTheOldOneRunning() throws Exception {
        greet();
        load("Bmodel", sha256("other"));
        assertEquals("bad_sha256", receiveAnswer().json(4).getString("code"));
        load("Xmodel", sha256("Xmodel"));
        assertEquals("bad_model", receiveAnswer().json(4).getString("code"));
        load("Rmodel", sha256("Rmodel"));
        assertEquals("bad_model", receiveAnswer().json(4).getString("code"));
        assertEquals("A", engine.model().info.name);
        assertEquals(0, folder.getRoot().list().length);
    }

    private String begin(String field, Object value) throws Exception {
        JSONObject json = new JSONObject().put("name", "new").put("sha256", sha256("x"))
                .put("size_bytes", 10).put("labels", new String[0]).put("untrained", false);
        send(Wire.LOAD_BEGIN, 1, json.put(field, value));
        JSONObject answer = receiveAnswer().json(4);
        return answer.getBoolean("ok") ? "ok" : answer.getString("code");
    }

    @Test
    public void loadBeginWithAWrongFieldIsRefusedAndTheLinkLives() throws Exception {
        greet();
        assertEquals("bad_value", begin("sha256", "00"));
        assertEquals("bad_value", begin("sha256", sha256("x").toUpperCase(Locale.ROOT)));
        assertEquals("bad_value", begin("size_bytes", 0));
        assertEquals("bad_value", begin("size_bytes", 1.5));
        assertEquals("too_big", begin("size_bytes", 1L << 40));
        assertEquals("bad_value", begin("labels", JSONObject.NULL));
        assertEquals("bad_value", begin("threads", 99));
        assertEquals("bad_value", begin("delegate", "gpu"));
        assertEquals("ok", begin("threads", 1));
        assertEquals("bad_value", begin("name", 1)); // it drops what was begun before
        send(Wire.LOAD_END, 2, new byte[0]);
        assertEquals("bad_state", receiveAnswer().json(4).getString("code"));
    }

    @Test
    public void labThatDiesInAnUploadLeavesNothing() throws Exception {
        greet();
        send(Wire.LOAD_BEGIN, 1, new JSONObject().put("name", "new").put("sha256", sha256("x"))
                .put("size_bytes", 10).put("labels", new String[0]).put("untrained", false));
        receiveAnswer();
        lab.close();
        phone.join(20_000);
        assertEquals(0, folder.getRoot().list().length);
    }

    @Test
    public void healthComesOfItself() throws Exception {
        greet();
        Message message = receive();
        while (message.type != Wire.HEALTH) {
            message = receive();
        }
        assertEquals(1, message.json(0).getInt("clock_ns"));
    }

    @Test
    public void strangerIsHungUpOn() throws Exception {
        out.write(Vectors.bytes("broken/magic"));
        phone.join(20_000);
        assertEquals("magic", ((WireException) end.get()).fault);
    }
}
