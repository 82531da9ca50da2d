package org.mobilenetlab.phone.core;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * The model that came over the link, in the app's own folder.
 *
 * <p>A model file is named after its hash, and {@code current.json}, replaced in one rename, says
 * which one counts: so at any moment there is either the old model or the new one. An upload
 * goes to {@code upload.part} until it has been opened and run. One thread at a time: the lab's
 * fills the upload, the engine's keeps it and reads what is kept.
 */
public final class ModelStore implements Engine.Keeper {
    private static final int MAX_CHUNK = 1 << 18;
    private static final long SPARE_BYTES = 1 << 20;
    private static final int MAX_RECORD = 1 << 22;

    private final File folder;
    private final String stamp;
    private ModelInfo expected;
    private RandomAccessFile upload;
    private MessageDigest digest;
    private long received;

    /**
     * @param folder made if it is not there
     * @param stamp changes when the APK is installed anew; a model of another stamp is dropped
     */
    public ModelStore(File folder, String stamp) {
        this.folder = folder;
        this.stamp = stamp;
        part().delete(); // what the end of the app has cut off
    }

    /** Drops an unfinished upload and expects a new one. */
    public void begin(ModelInfo info) throws LabException {
        abort();
        if (info.sizeBytes > Integer.MAX_VALUE) {
            throw new LabException("too_big", "A model has at most 2 GB.");
        }
        folder.mkdirs();
        if (folder.getUsableSpace() < info.sizeBytes + SPARE_BYTES) {
            throw new LabException("no_space", "The phone has no room for the model.");
        }
        try {
            digest = MessageDigest.getInstance("SHA-256");
            upload = new RandomAccessFile(part(), "rw");
            upload.setLength(0);
        } catch (IOException e) {
            throw new LabException("no_space", "The model cannot be stored: " + e.getMessage());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        expected = info;
        received = 0;
    }

    /** Takes the next bytes of the upload; drops it if they are not what must come. */
    public void append(long offset, byte[] bytes, int start, int length) throws LabException {
        if (upload == null) {
            throw new LabException("bad_state", "No model is being loaded.");
        }
        if (length > MAX_CHUNK || length > expected.sizeBytes - received) {
            abort();
            throw new LabException("too_big", "More bytes than were announced.");
        }
        if (offset != received) {
            long next = received;
            abort();
            throw new LabException("bad_offset", "Expected the bytes at " + next + ".");
        }
        try {
            upload.write(bytes, start, length);
        } catch (IOException e) {
            abort();
            throw new LabException("no_space", "The model cannot be stored: " + e.getMessage());
        }
        digest.update(bytes, start, length);
        received += length;
    }

    /** Ends the upload and checks it; {@link #keep} or {@link #abort} must follow. */
    public ByteBuffer finish() throws LabException {
        if (upload == null) {
            throw new LabException("bad_state", "No model is being loaded.");
        }
        if (received != expected.sizeBytes) {
            long missing = expected.sizeBytes - received;
            abort();
            throw new LabException("bad_offset", missing + " bytes of the model are missing.");
        }
        if (!hex(digest.digest()).equals(expected.sha256)) {
            abort();
            throw new LabException("bad_sha256", "The model arrived damaged.");
        }
        try {
            upload.getFD().sync();
            upload.close();
            upload = null;
            return map(part());
        } catch (IOException e) {
            abort();
            throw new LabException("no_space", "The model cannot be stored: " + e.getMessage());
        }
    }

    public ModelInfo expected() {
        return expected;
    }

    /** Makes the finished upload the model that counts; if it cannot, the last one still does. */
    @Override
    public void keep() throws LabException {
        ModelInfo info = expected;
        expected = null;
        try {
            rename(part(), file(info.sha256));
            File fresh = new File(folder, "current.new");
            try (FileOutputStream out = new FileOutputStream(fresh)) {
                out.write(toJson(info).toString().getBytes(StandardCharsets.UTF_8));
                out.getFD().sync();
            }
            rename(fresh, record());
        } catch (IOException | JSONException e) {
            throw new LabException("no_space", "The model cannot be kept: " + e.getMessage());
        } finally {
            deleteAllButCurrent();
        }
    }

    /** Drops an unfinished upload, if there is one. */
    public void abort() {
        expected = null;
        if (upload != null) {
            try {
                upload.close();
            } catch (IOException e) {
                // Its bytes are thrown away in the next line.
            }
            upload = null;
        }
        part().delete();
    }

    /** What is stored from an earlier load, or null if the APK's own model counts. */
    public ModelInfo current() {
        File record = record();
        if (!record.isFile() || record.length() > MAX_RECORD) {
            return null;
        }
        byte[] bytes = new byte[(int) record.length()];
        try (FileInputStream in = new FileInputStream(record)) {
            int at = 0;
            while (at < bytes.length) {
                int got = in.read(bytes, at, bytes.length - at);
                if (got < 0) {
                    return null;
                }
                at += got;
            }
            JSONObject json = new JSONObject(new String(bytes, StandardCharsets.UTF_8));
            ModelInfo info = fromJson(json);
            boolean counts = stamp.equals(json.getString("stamp"))
                    && file(info.sha256).length() == info.sizeBytes;
            return counts ? info : null;
        } catch (IOException | JSONException | LabException e) {
            return null; // not written by this app, or damaged: as good as none
        }
    }

    /** The stored model's bytes, mapped. */
    public ByteBuffer open(ModelInfo info) throws IOException {
        return map(file(info.sha256));
    }

    private static ByteBuffer map(File file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file, "r")) {
            return in.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, in.length());
        }
    }

    private static void rename(File from, File to) throws IOException {
        if (!from.renameTo(to)) {
            throw new IOException("cannot rename to " + to.getName());
        }
    }

    private void deleteAllButCurrent() {
        ModelInfo kept = current();
        String keptName = kept == null ? "" : file(kept.sha256).getName();
        File[] files = folder.listFiles();
        for (int i = 0; files != null && i < files.length; i++) {
            String name = files[i].getName();
            boolean isSpare = name.endsWith(".tflite") && !name.equals(keptName);
            if (isSpare || name.equals("current.new")) {
                files[i].delete();
            }
        }
    }

    private File part() {
        return new File(folder, "upload.part");
    }

    private File record() {
        return new File(folder, "current.json");
    }

    private File file(String sha256) {
        return new File(folder, sha256 + ".tflite");
    }

    private JSONObject toJson(ModelInfo info) throws JSONException {
        Reading reading = info.reading;
        return new JSONObject().put("name", info.name).put("sha256", info.sha256)
                .put("size_bytes", info.sizeBytes).put("untrained", info.untrained)
                .put("labels", new JSONArray(info.labels)).put("stamp", stamp)
                .putOpt("task", reading.task).putOpt("scores", reading.scores)
                .putOpt("fit", reading.fit == null ? null : reading.fit.word);
    }

    private static ModelInfo fromJson(JSONObject json) throws JSONException, LabException {
        JSONArray array = json.getJSONArray("labels");
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < array.length(); i++) {
            labels.add(array.getString(i));
        }
        return new ModelInfo(json.getString("name"), json.getString("sha256"),
                json.getLong("size_bytes"), json.getBoolean("untrained"), labels,
                Reading.of(json.opt("task"), json.opt("fit"), json.opt("scores")));
    }

    /** Lower-case hex. */
    public static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 0xf, 16));
            text.append(Character.forDigit(b & 0xf, 16));
        }
        return text.toString();
    }
}
