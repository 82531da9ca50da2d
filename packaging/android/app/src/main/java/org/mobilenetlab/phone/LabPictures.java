package org.mobilenetlab.phone;

import android.content.res.AssetManager;
import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.util.Log;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.mobilenetlab.phone.assets.PngHeader;
import org.mobilenetlab.phone.core.RgbPicture;

/** The pictures that the lab has put into the APK; PROTOCOL.md, "The pictures in the APK". */
final class LabPictures {
    private static final String TAG = "LabPictures";
    private static final String FOLDER = "lab/pictures";
    private static final int MOST = 64;
    /** Of the longer side of what the screen keeps; the model gets every pixel. */
    private static final int PREVIEW_SIDE = 480;
    /** The model, its tensors and the screen want room beside the pictures. */
    private static final long MEMORY_SHARE = 3;

    private static final Comparator<String> BY_BYTES = new Comparator<String>() {
        @Override
        public int compare(String one, String other) {
            byte[] first = one.getBytes(StandardCharsets.UTF_8);
            byte[] second = other.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < Math.min(first.length, second.length); i++) {
                int difference = (first[i] & 0xff) - (second[i] & 0xff);
                if (difference != 0) {
                    return difference;
                }
            }
            return first.length - second.length;
        }
    };

    private final AssetManager assets;
    private final List<String> names = new ArrayList<>();
    private final List<Bitmap> previews = Collections.synchronizedList(new ArrayList<Bitmap>());

    /** Looks which pictures there are; one that cannot be shown is left out. */
    LabPictures(AssetManager assets) {
        this.assets = assets;
        long room = Runtime.getRuntime().maxMemory() / MEMORY_SHARE;
        for (String name : namesIn(assets)) {
            try (InputStream in = assets.open(FOLDER + "/" + name)) {
                room -= checked(in, room);
                names.add(name);
            } catch (IOException e) {
                Log.w(TAG, name + " is left out: " + e.getMessage());
            }
        }
    }

    int count() {
        return names.size();
    }

    /** Unpacks them, in the order in which they are shown; once, and not on the main thread. */
    List<RgbPicture> unpack() {
        List<RgbPicture> pictures = new ArrayList<>();
        for (String name : names) {
            try (InputStream in = assets.open(FOLDER + "/" + name)) {
                Bitmap bitmap = decode(in);
                pictures.add(new RgbPicture(bitmap.getWidth(), bitmap.getHeight(), rgb(bitmap)));
                previews.add(preview(bitmap));
            } catch (IOException e) {
                Log.w(TAG, name + " is left out: " + e.getMessage());
            }
        }
        return pictures;
    }

    /** What the screen shows of the picture of that number, from 1; null if there is none. */
    Bitmap preview(int number) {
        return number < 1 || number > previews.size() ? null : previews.get(number - 1);
    }

    private static List<String> namesIn(AssetManager assets) {
        List<String> names = new ArrayList<>();
        try {
            for (String name : assets.list(FOLDER)) {
                if (name.endsWith(".png")) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            Log.w(TAG, "the folder cannot be read", e);
        }
        Collections.sort(names, BY_BYTES);
        return names.size() <= MOST ? names : names.subList(0, MOST);
    }

    /** How many bytes it takes unpacked. */
    private static long checked(InputStream in, long room) throws IOException {
        byte[] first = new byte[PngHeader.BYTES];
        int length = 0;
        for (int got = 0; got >= 0 && length < first.length; length += Math.max(0, got)) {
            got = in.read(first, length, first.length - length);
        }
        PngHeader header = length < first.length ? null : PngHeader.read(first);
        String fault = header == null ? "it is no PNG" : header.fault();
        if (fault != null) {
            throw new IOException(fault);
        }
        long bytes = 3L * header.width * header.height;
        if (bytes > room) {
            throw new IOException("there is no memory for so many pictures");
        }
        return bytes;
    }

    private static Bitmap decode(InputStream in) throws IOException {
        BitmapFactory.Options options = new BitmapFactory.Options();
        options.inPreferredConfig = Bitmap.Config.ARGB_8888;
        options.inScaled = false;
        Bitmap bitmap = BitmapFactory.decodeStream(in, null, options);
        if (bitmap == null || bitmap.getConfig() != Bitmap.Config.ARGB_8888) {
            throw new IOException("it is damaged");
        }
        if (bitmap.hasAlpha()) {
            throw new IOException("it has transparency");
        }
        return bitmap;
    }

    /** The bytes as they are in memory: getPixels would convert them between colour spaces. */
    private static byte[] rgb(Bitmap bitmap) {
        int width = bitmap.getWidth();
        int height = bitmap.getHeight();
        ByteBuffer pixels = ByteBuffer.allocate(bitmap.getByteCount());
        bitmap.copyPixelsToBuffer(pixels);
        byte[] rgba = pixels.array();
        byte[] rgb = new byte[3 * width * height];
        int to = 0;
        for (int row = 0; row < height; row++) {
            int from = row * bitmap.getRowBytes();
            for (int column = 0; column < width; column++) {
                rgb[to++] = rgba[from++];
                rgb[to++] = rgba[from++];
                rgb[to++] = rgba[from++];
                from++;
            }
        }
        return rgb;
    }

    private static Bitmap preview(Bitmap bitmap) {
        int side = Math.max(bitmap.getWidth(), bitmap.getHeight());
        if (side <= PREVIEW_SIDE) {
            return bitmap;
        }
        return Bitmap.createScaledBitmap(bitmap,
                Math.max(1, bitmap.getWidth() * PREVIEW_SIDE / side),
                Math.max(1, bitmap.getHeight() * PREVIEW_SIDE / side), true);
    }
}
