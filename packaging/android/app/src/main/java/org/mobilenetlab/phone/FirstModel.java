package org.mobilenetlab.phone;

import android.content.res.AssetManager;
import android.util.Log;
import java.io.IOException;
import org.mobilenetlab.phone.core.Engine;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.ModelStore;
import org.mobilenetlab.phone.core.Settings;

/** What the app starts with: the model that came over the link last, else the APK's own. */
final class FirstModel {
    private static final String TAG = "LabModel";

    private FirstModel() {
    }

    /** On the engine's thread. */
    static void load(Engine engine, ModelStore store, AssetManager assets) {
        try {
            AppModel own = AppModel.read(assets, engine.limits());
            Settings settings = own != null ? own.settings : engine.settings();
            engine.apply(settings); // the source is known before the model, or without one, runs
            ModelInfo stored = store.current();
            if (stored != null && loadStored(engine, store, stored, settings)) {
                return;
            }
            if (own != null) {
                engine.load(own.info, own.open(), settings);
            } else {
                engine.fail(new LabException("no_model", "There is no model in the app yet."));
            }
        } catch (LabException e) {
            engine.fail(e);
        }
    }

    private static boolean loadStored(
            Engine engine, ModelStore store, ModelInfo stored, Settings settings) {
        try {
            engine.load(stored, store.open(stored), settings);
            return true;
        } catch (LabException | IOException e) {
            Log.w(TAG, "the stored model does not open; taking the APK's", e);
            return false;
        }
    }
}
