package org.mobilenetlab.phone.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.json.JSONObject;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.LoadedModel;

/**
 * The conversation with one lab: the calling thread reads and obeys, one more thread writes.
 *
 * <p>The streams' owner sets their timeout (5 s) and closes them once the conversation is over.
 */
public final class LabConnection {
    /** What the connection says of its own accord. */
    public interface Facts {
        /** HELLO's payload. */
        JSONObject hello();

        /** HEALTH's payload; may take a few milliseconds. */
        JSONObject health();
    }

    /** Ends blocking reads and writes from another thread; closing a socket would not. */
    public interface HangUp {
        void hangUp();
    }

    private static final long FLUSH_MS = 50;
    private static final long HEALTH_NS = 1_000_000_000L;

    private final InputStream in;
    private final OutputStream out;
    private final HangUp line;
    private final Facts facts;
    private final Outbox outbox = new Outbox();

    public LabConnection(InputStream in, OutputStream out, HangUp line, Facts facts) {
        this.in = in;
        this.out = out;
        this.line = line;
        this.facts = facts;
    }

    /** Where what the lab should hear is put. */
    public Outbox outbox() {
        return outbox;
    }

    /** Queues HELLO, STATE and, where there is one, MODEL. */
    public void greet(LabState state, LoadedModel model) {
        outbox.put(Messages.facts(Wire.HELLO, facts.hello()));
        outbox.put(Messages.state(state));
        if (model != null) {
            outbox.put(Messages.model(model));
        }
    }

    /** Turns away a second lab: preamble and BYE, nothing else. */
    public static void turnAway(OutputStream out, String code, String text) throws IOException {
        WireWriter writer = new WireWriter(out);
        writer.preamble();
        byte[] bye = Messages.bye(code, text);
        writer.messages(bye, bye.length);
    }

    /**
     * Speaks with the lab until it leaves.
     *
     * @throws IOException the lab broke the protocol, fell silent, or the socket failed
     */
    public void converse(LabSession session) throws IOException, InterruptedException {
        new WireWriter(out).preamble();
        Thread writer = startWriter();
        try {
            WireReader reader = new WireReader(in);
            reader.readPreamble();
            for (Command command = reader.next(); command != null; command = reader.next()) {
                outbox.put(answer(session, command));
            }
        } finally {
            session.close();
            outbox.close();
            writer.join(); // it sends what is left, and gives up at the stream's timeout
        }
    }

    private byte[] answer(LabSession session, Command command) throws InterruptedException {
        try {
            session.obey(command);
            return Messages.done(command.id);
        } catch (LabException e) {
            return Messages.refused(command.id, e);
        }
    }

    private Thread startWriter() {
        Thread thread = new Thread("lab-link-writer") {
            @Override
            public void run() {
                try {
                    write();
                } catch (IOException | InterruptedException e) {
                    outbox.close(); // the reader, woken below, ends the conversation
                } finally {
                    line.hangUp();
                }
            }
        };
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void write() throws IOException, InterruptedException {
        WireWriter writer = new WireWriter(out);
        ByteBuffer batch = Outbox.takeBuffer();
        long healthDue = System.nanoTime();
        while (outbox.take(batch, FLUSH_MS)) {
            if (batch.position() > 0) {
                writer.messages(batch.array(), batch.position());
            }
            if (System.nanoTime() - healthDue >= 0) {
                healthDue = System.nanoTime() + HEALTH_NS;
                outbox.put(Messages.facts(Wire.HEALTH, facts.health()));
            }
        }
    }
}
