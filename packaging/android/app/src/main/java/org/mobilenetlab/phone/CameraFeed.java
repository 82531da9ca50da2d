package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.ImageFormat;
import android.graphics.SurfaceTexture;
import android.hardware.camera2.CameraAccessException;
import android.hardware.camera2.CameraCaptureSession;
import android.hardware.camera2.CameraCharacteristics;
import android.hardware.camera2.CameraDevice;
import android.hardware.camera2.CameraManager;
import android.hardware.camera2.CaptureRequest;
import android.hardware.camera2.params.StreamConfigurationMap;
import android.os.Handler;
import android.os.HandlerThread;
import android.util.Log;
import android.util.Range;
import android.util.Size;
import android.view.Surface;
import java.util.Arrays;
import org.mobilenetlab.phone.core.LabException;

/**
 * Runs the back camera (else the first there is) into a preview and into {@link CameraPictures}.
 *
 * <p>One feed is started once and stopped once, on the main thread; everything else happens on
 * its own thread. A camera that another app takes is taken back when it is free again.
 */
final class CameraFeed {
    /** Called on the camera's thread. */
    interface Listener extends CameraPictures.Sink {
        /** The camera runs; its pictures are of this size and lie turned by this much. */
        void onCameraRunning(Size size, int sensorOrientation);

        void onCameraError(LabException error);
    }

    private static final String TAG = "LabCamera";
    private static final int WANTED_WIDTH = 640;
    private static final int WANTED_HEIGHT = 480;
    private static final int WANTED_FPS = 30;
    private static final int RETRY_MS = 500;

    private final CameraManager manager;
    private final SurfaceTexture texture;
    private final Listener listener;
    private final HandlerThread thread = new HandlerThread("lab-camera");
    private Handler handler;
    private volatile int displayDegrees;

    // The camera's thread alone:
    private boolean stopped;
    private boolean opening;
    private String cameraId;
    private CameraCharacteristics facts;
    private CameraDevice device;
    private CameraPictures pictures;
    private Surface preview;

    /** @param displayDegrees how far the display is turned: 0, 90, 180, 270 */
    CameraFeed(Context context, SurfaceTexture texture, int displayDegrees, Listener listener) {
        manager = (CameraManager) context.getSystemService(Context.CAMERA_SERVICE);
        this.texture = texture;
        this.displayDegrees = displayDegrees;
        this.listener = listener;
    }

    void start() {
        thread.start();
        handler = new Handler(thread.getLooper());
        manager.registerAvailabilityCallback(availability, handler);
        handler.post(openNow);
    }

    /** Lets the camera go, soon; nothing is offered after that. */
    void stop() {
        manager.unregisterAvailabilityCallback(availability);
        handler.post(new Runnable() {
            @Override
            public void run() {
                stopped = true;
                release();
                quitIfStopped();
            }
        });
    }

    void setDisplayDegrees(final int degrees) {
        displayDegrees = degrees;
        handler.post(new Runnable() {
            @Override
            public void run() {
                turnPictures();
            }
        });
    }

    private final Runnable openNow = new Runnable() {
        @Override
        public void run() {
            open();
        }
    };

    private final CameraManager.AvailabilityCallback availability =
            new CameraManager.AvailabilityCallback() {
                @Override
                public void onCameraAvailable(String id) {
                    if (!stopped && device == null && !opening && id.equals(cameraId)) {
                        handler.removeCallbacks(openNow);
                        handler.postDelayed(openNow, RETRY_MS);
                    }
                }
            };

    private final CameraDevice.StateCallback deviceState = new CameraDevice.StateCallback() {
        @Override
        public void onOpened(CameraDevice opened) {
            opening = false;
            if (stopped) {
                opened.close();
                quitIfStopped();
                return;
            }
            device = opened;
            startSession();
        }

        @Override
        public void onDisconnected(CameraDevice lost) {
            opening = false;
            lost.close();
            release();
            fail("camera_busy", "Another app has taken the camera.");
            quitIfStopped();
        }

        @Override
        public void onError(CameraDevice failed, int error) {
            opening = false;
            failed.close();
            release();
            boolean inUse = error == ERROR_CAMERA_IN_USE || error == ERROR_MAX_CAMERAS_IN_USE;
            fail(inUse ? "camera_busy" : "no_camera", inUse
                    ? "Another app uses the camera."
                    : "The camera does not work (Android's error " + error + ").");
            quitIfStopped();
        }
    };

    private final CameraCaptureSession.StateCallback sessionState =
            new CameraCaptureSession.StateCallback() {
                @Override
                public void onConfigured(CameraCaptureSession session) {
                    if (!stopped && device == session.getDevice()) {
                        startPictures(session);
                    }
                }

                @Override
                public void onConfigureFailed(CameraCaptureSession session) {
                    release();
                    fail("no_camera", "The camera refuses this kind of picture.");
                }
            };

    private void open() {
        if (stopped || opening || device != null) {
            return;
        }
        try {
            cameraId = choose();
            if (cameraId == null) {
                fail("no_camera", "This phone has no camera.");
                return;
            }
            facts = manager.getCameraCharacteristics(cameraId);
            opening = true;
            manager.openCamera(cameraId, deviceState, handler);
        } catch (CameraAccessException e) {
            opening = false;
            fail("camera_busy", "The camera cannot be opened: " + e.getMessage());
        } catch (SecurityException e) {
            opening = false;
            fail("camera_permission", "The app may not use the camera.");
        } catch (IllegalArgumentException e) {
            opening = false;
            fail("no_camera", "The camera has gone: " + e.getMessage());
        }
    }

    private String choose() throws CameraAccessException {
        String[] ids = manager.getCameraIdList();
        for (String id : ids) {
            Integer facing = manager.getCameraCharacteristics(id)
                    .get(CameraCharacteristics.LENS_FACING);
            if (facing != null && facing == CameraCharacteristics.LENS_FACING_BACK) {
                return id;
            }
        }
        return ids.length > 0 ? ids[0] : null;
    }

    private void startSession() {
        StreamConfigurationMap map =
                facts.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP);
        Size[] sizes = map == null ? null : map.getOutputSizes(ImageFormat.YUV_420_888);
        if (sizes == null || sizes.length == 0) {
            release();
            fail("no_camera", "The camera has no pictures for apps.");
            return;
        }
        Size size = nearest(sizes);
        Integer stamps = facts.get(CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE);
        boolean realtime = stamps != null
                && stamps == CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE_REALTIME;
        pictures = new CameraPictures(size.getWidth(), size.getHeight(), realtime, handler, listener);
        turnPictures();
        texture.setDefaultBufferSize(size.getWidth(), size.getHeight());
        preview = new Surface(texture);
        try {
            device.createCaptureSession(
                    Arrays.asList(preview, pictures.surface()), sessionState, handler);
            listener.onCameraRunning(size, sensorOrientation());
        } catch (CameraAccessException | IllegalArgumentException | IllegalStateException e) {
            release();
            fail("camera_busy", "The camera cannot be started: " + e.getMessage());
        }
    }

    private void startPictures(CameraCaptureSession session) {
        try {
            CaptureRequest.Builder request =
                    device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW);
            request.addTarget(preview);
            request.addTarget(pictures.surface());
            Range<Integer> fps = frameRates();
            if (fps != null) {
                request.set(CaptureRequest.CONTROL_AE_TARGET_FPS_RANGE, fps);
            }
            session.setRepeatingRequest(request.build(), null, handler);
        } catch (CameraAccessException | IllegalArgumentException | IllegalStateException e) {
            release();
            fail("camera_busy", "The camera cannot be started: " + e.getMessage());
        }
    }

    private static Size nearest(Size[] sizes) {
        Size best = sizes[0];
        for (Size size : sizes) {
            if (distance(size) < distance(best)) {
                best = size;
            }
        }
        return best;
    }

    private static int distance(Size size) {
        return Math.abs(size.getWidth() - WANTED_WIDTH)
                + Math.abs(size.getHeight() - WANTED_HEIGHT);
    }

    /** The steadiest range that ends at the wanted rate, or null to leave it to the camera. */
    private Range<Integer> frameRates() {
        Range<Integer>[] ranges =
                facts.get(CameraCharacteristics.CONTROL_AE_AVAILABLE_TARGET_FPS_RANGES);
        Range<Integer> best = null;
        for (int i = 0; ranges != null && i < ranges.length; i++) {
            boolean fits = ranges[i].getUpper() == WANTED_FPS;
            if (fits && (best == null || ranges[i].getLower() > best.getLower())) {
                best = ranges[i];
            }
        }
        return best;
    }

    private int sensorOrientation() {
        Integer degrees = facts.get(CameraCharacteristics.SENSOR_ORIENTATION);
        return degrees == null ? 0 : degrees;
    }

    private void turnPictures() {
        if (pictures == null) {
            return;
        }
        Integer facing = facts.get(CameraCharacteristics.LENS_FACING);
        boolean front = facing != null && facing == CameraCharacteristics.LENS_FACING_FRONT;
        int display = front ? -displayDegrees : displayDegrees;
        pictures.setRotation((sensorOrientation() - display + 360) % 360);
    }

    private void release() {
        if (device != null) {
            device.close(); // and its session with it
            device = null;
        }
        if (pictures != null) {
            pictures.close();
            pictures = null;
        }
        if (preview != null) {
            preview.release();
            preview = null;
        }
    }

    /** A camera that is still being opened must find the thread alive, or it stays open. */
    private void quitIfStopped() {
        if (stopped && !opening) {
            thread.quitSafely();
        }
    }

    private void fail(String code, String text) {
        Log.w(TAG, code + ": " + text);
        if (!stopped) {
            listener.onCameraError(new LabException(code, text));
        }
    }
}
