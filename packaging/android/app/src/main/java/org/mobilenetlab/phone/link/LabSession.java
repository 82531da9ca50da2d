package org.mobilenetlab.phone.link;

import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import org.json.JSONObject;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Settings;

/**
 * Obeys the commands of one lab, one after the other, on the thread that reads them.
 *
 * <p>Each call returns when the command has been carried out or refused; what changes the model
 * waits for the engine.
 */
public final class LabSession {
    private final Engine engine;
    private final ModelStore store;
    private JSONObject toLoad;

    public LabSession(Engine engine, ModelStore store) {
        this.engine = engine;
        this.store = store;
    }

    /**
     * Carries out one command.
     *
     * @throws LabException it was refused; the code and the sentence go into the ANSWER
     */
    public void obey(Command command) throws LabException, InterruptedException {
        switch (command.type) {
            case Wire.SET:
                apply(command);
                break;
            case Wire.LOAD_BEGIN:
                store.abort(); // also where the new one is refused
                toLoad = command.json;
                ModelInfo info = Messages.modelInfo(toLoad);
                settingsToLoad(engine.state().settings);
                store.begin(info);
                break;
            case Wire.LOAD_CHUNK:
                store.append(command.offset, command.buffer, command.start, command.length);
                break;
            case Wire.LOAD_END:
                load();
                break;
            default: // PING: the answer is all there is to it
                break;
        }
    }

    /** The lab has gone; what it left unfinished is dropped. */
    public void close() {
        store.abort();
    }

    private void apply(final Command command) throws LabException, InterruptedException {
        engine.call(new Callable<Void>() {
            @Override
            public Void call() throws LabException {
                engine.apply(Messages.settings(
                        command.json, engine.settings(), engine.limits()));
                return null;
            }
        });
    }

    private void load() throws LabException, InterruptedException {
        final ByteBuffer bytes = store.finish();
        final ModelInfo info = store.expected();
        boolean loaded = false;
        try {
            engine.call(new Callable<Void>() {
                @Override
                public Void call() throws LabException {
                    engine.load(info, bytes, settingsToLoad(engine.settings()), store);
                    return null;
                }
            });
            loaded = true;
        } finally {
            if (!loaded) {
                store.abort();
            }
        }
    }

    private Settings settingsToLoad(Settings now) throws LabException {
        return Messages.settingsToLoad(toLoad, now, engine.limits());
    }
}
