package org.mobilenetlab.phone;

import android.graphics.ImageFormat;
import android.media.Image;
import android.media.ImageReader;
import android.os.Handler;
import android.os.SystemClock;
import android.view.Surface;
import java.nio.ByteBuffer;
import org.mobilenetlab.phone.core.YuvPicture;

/**
 * The camera's pictures as the engine takes them.
 *
 * <p>Closing an ImageReader frees the memory of pictures that someone may still read. So the
 * reader is closed with the last picture that is out, whichever thread closes it.
 */
final class CameraPictures implements ImageReader.OnImageAvailableListener {
    /** Takes each picture and closes it. Called on the camera's thread. */
    interface Sink {
        /** @param camera which one took it: Settings.BACK or Settings.FRONT */
        void offer(YuvPicture picture, String camera);
    }

    /** One with the engine, one waiting for it, and two that acquireLatestImage asks for. */
    private static final int MAX_IMAGES = 4;
    private static final long OLDEST_NS = 1_000_000_000L;

    private final ImageReader reader;
    private final String camera;
    /** Whether the camera's clock is elapsedRealtimeNanos. */
    private final boolean realtimeStamps;
    private final Sink sink;
    private volatile int rotation;
    private int out;
    private boolean closed;

    CameraPictures(CameraChoice choice, Handler handler, Sink sink) {
        camera = choice.camera;
        this.sink = sink;
        realtimeStamps = choice.realtimeStamps;
        reader = ImageReader.newInstance(choice.size.getWidth(), choice.size.getHeight(),
                ImageFormat.YUV_420_888, MAX_IMAGES);
        reader.setOnImageAvailableListener(this, handler);
    }

    Surface surface() {
        return reader.getSurface();
    }

    /** Degrees clockwise that turn the next pictures upright. */
    void setRotation(int degrees) {
        rotation = degrees;
    }

    @Override
    public void onImageAvailable(ImageReader source) {
        Image image;
        synchronized (this) {
            image = closed ? null : source.acquireLatestImage();
            if (image == null) {
                return;
            }
            out++;
        }
        long now = SystemClock.elapsedRealtimeNanos();
        sink.offer(
                new Picture(image, capturedNs(image.getTimestamp(), now), now, rotation), camera);
    }

    /** The camera's stamp on the app's clock; a stamp that makes no sense there becomes now. */
    private long capturedNs(long stamp, long now) {
        long captured = realtimeStamps ? stamp : stamp + now - System.nanoTime();
        return captured > now || captured < now - OLDEST_NS ? now : captured;
    }

    synchronized void close() {
        closed = true;
        if (out == 0) {
            reader.close();
        }
    }

    private synchronized void release(Image image) {
        image.close();
        out--;
        if (closed && out == 0) {
            reader.close();
        }
    }

    private final class Picture implements YuvPicture {
        private final Image image;
        private final Image.Plane[] planes;
        private final long capturedNs;
        private final long heldNs;
        private final int rotation;

        Picture(Image image, long capturedNs, long heldNs, int rotation) {
            this.image = image;
            this.capturedNs = capturedNs;
            this.heldNs = heldNs;
            this.rotation = rotation;
            planes = image.getPlanes();
        }

        @Override
        public int width() {
            return image.getWidth();
        }

        @Override
        public int height() {
            return image.getHeight();
        }

        @Override
        public int rotation() {
            return rotation;
        }

        @Override
        public ByteBuffer plane(int index) {
            return planes[index].getBuffer();
        }

        @Override
        public int rowStride(int index) {
            return planes[index].getRowStride();
        }

        @Override
        public int pixelStride(int index) {
            return planes[index].getPixelStride();
        }

        @Override
        public long capturedNs() {
            return capturedNs;
        }

        @Override
        public long heldNs() {
            return heldNs;
        }

        @Override
        public void close() {
            release(image);
        }
    }
}
