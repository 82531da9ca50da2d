package org.mobilenetlab.phone;

import android.content.res.AssetFileDescriptor;
import android.content.res.AssetManager;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.json.JSONException;
import org.json.JSONObject;
import org.mobilenetlab.phone.assets.Labels;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Reading;
import org.mobilenetlab.phone.core.Settings;

/** The model that the lab has built into the APK; PROTOCOL.md, "In the APK". */
final class AppModel {
    final ModelInfo info;
    final Settings settings;
    private final AssetManager assets;

    private AppModel(AssetManager assets, ModelInfo info, Settings settings) {
        this.assets = assets;
        this.info = info;
        this.settings = settings;
    }

    /**
     * Reads what the APK says of its model, or null if there is none in it.
     *
     * @throws LabException bad_model: it says something that this app does not understand
     */
    static AppModel read(AssetManager assets, Limits limits) throws LabException {
        try {
            JSONObject config = new JSONObject(text(assets, "lab/config.json"));
            Reading reading =
                    Reading.of(config.opt("task"), config.opt("fit"), config.opt("scores"));
            ModelInfo info = new ModelInfo(config.getString("name"), config.getString("sha256"),
                    config.getLong("size_bytes"), config.optBoolean("untrained"),
                    Labels.of(text(assets, "lab/labels.txt")), reading);
            Settings settings = limits.fitting(config.getInt("threads"),
                    config.getString("delegate"), config.getString("source"));
            return new AppModel(assets, info, settings);
        } catch (FileNotFoundException e) {
            return null;
        } catch (IOException | JSONException | LabException e) {
            throw unreadable(e);
        }
    }

    /** The model's bytes, mapped straight from the APK. */
    ByteBuffer open() throws LabException {
        try (AssetFileDescriptor file = assets.openFd("lab/model.tflite");
                FileInputStream in = new FileInputStream(file.getFileDescriptor())) {
            return in.getChannel().map(
                    FileChannel.MapMode.READ_ONLY, file.getStartOffset(), file.getLength());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static LabException unreadable(Exception reason) {
        return new LabException(
                "bad_model", "The APK's model cannot be read: " + reason.getMessage());
    }

    private static String text(AssetManager assets, String name) throws IOException {
        try (InputStream in = assets.open(name)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] chunk = new byte[8192];
            for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
                bytes.write(chunk, 0, got);
            }
            return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
        }
    }
}
