package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.SurfaceTexture;
import android.hardware.camera2.CameraAccessException;
import android.hardware.camera2.CameraCaptureSession;
import android.hardware.camera2.CameraDevice;
import android.hardware.camera2.CameraManager;
import android.hardware.camera2.CaptureRequest;
import android.os.Handler;
import android.os.HandlerThread;
import android.util.Log;
import android.view.Surface;
import java.util.Arrays;
import org.mobilenetlab.phone.core.LabException;

/**
 * Runs the chosen camera into a preview and into {@link CameraPictures}.
 *
 * <p>One feed is started once and stopped once, on the main thread; everything else happens on
 * its own thread. A camera that another app takes is taken back when it is free again.
 */
final class CameraFeed {
    /** Called on the camera's thread. */
    interface Listener extends CameraPictures.Sink {
        void onCameraRunning(CameraChoice running);

        void onCameraError(LabException error);
    }

    private static final String TAG = "LabCamera";
    private static final int RETRY_MS = 500;

    private final CameraManager manager;
    private final SurfaceTexture texture;
    private final Listener listener;
    private final HandlerThread thread = new HandlerThread("lab-camera");
    private Handler handler;
    private volatile int displayDegrees;

    // The camera's thread alone:
    private String camera;
    private boolean stopped;
    private boolean opening;
    private CameraChoice choice;
    private CameraDevice device;
    private CameraPictures pictures;
    private Surface preview;

    /**
     * @param camera Settings.BACK or Settings.FRONT
     * @param displayDegrees how far the display is turned: 0, 90, 180, 270
     */
    CameraFeed(Context context, SurfaceTexture texture, String camera, int displayDegrees,
            Listener listener) {
        this.camera = camera;
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

    /** Goes on with the other camera; nothing happens if it is this one. */
    void setCamera(final String wanted) {
        handler.post(new Runnable() {
            @Override
            public void run() {
                if (!wanted.equals(camera)) {
                    camera = wanted;
                    release();
                    open();
                }
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
                    // Whichever it is: many phones run one at a time, so another was in the way.
                    if (!stopped && device == null && !opening && choice != null) {
                        handler.removeCallbacks(openNow);
                        handler.postDelayed(openNow, RETRY_MS);
                    }
                }
            };

    private final CameraDevice.StateCallback deviceState = new CameraDevice.StateCallback() {
        @Override
        public void onOpened(CameraDevice opened) {
            opening = false;
            if (stopped || !choice.camera.equals(camera)) { // the other one was chosen meanwhile
                opened.close();
                open();
                quitIfStopped();
                return;
            }
            device = opened;
            startSession();
        }

        @Override
        public void onDisconnected(CameraDevice lost) {
            lost.close();
            if (device != null && device != lost) {
                return; // one that was switched away from meanwhile
            }
            opening = false;
            release();
            fail("camera_busy", "Another app has taken the camera.");
            quitIfStopped();
        }

        @Override
        public void onError(CameraDevice failed, int error) {
            failed.close();
            if (device != null && device != failed) {
                return;
            }
            opening = false;
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
                    if (device == session.getDevice()) { // not one that was switched away from
                        release();
                        fail("no_camera", "The camera refuses this kind of picture.");
                    }
                }
            };

    private void open() {
        if (stopped || opening || device != null) {
            return;
        }
        try {
            choice = CameraChoice.of(manager, camera);
            if (choice == null) {
                fail("no_camera", "This phone has no " + camera + " camera that apps can use.");
                return;
            }
            opening = true;
            manager.openCamera(choice.id, deviceState, handler);
        } catch (CameraAccessException e) {
            opening = false;
            boolean disabled = e.getReason() == CameraAccessException.CAMERA_DISABLED;
            fail(disabled ? "no_camera" : "camera_busy",
                    "The camera cannot be opened: " + e.getMessage());
        } catch (SecurityException e) {
            opening = false;
            fail("camera_permission", "The app may not use the camera.");
        } catch (IllegalArgumentException e) {
            opening = false;
            fail("no_camera", "The camera has gone: " + e.getMessage());
        }
    }

    private void startSession() {
        pictures = new CameraPictures(choice, handler, listener);
        turnPictures();
        try {
            texture.setDefaultBufferSize(choice.size.getWidth(), choice.size.getHeight());
            preview = new Surface(texture); // fails if the screen has gone meanwhile
            device.createCaptureSession(
                    Arrays.asList(preview, pictures.surface()), sessionState, handler);
            listener.onCameraRunning(choice);
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
            if (choice.frameRates != null) {
                request.set(CaptureRequest.CONTROL_AE_TARGET_FPS_RANGE, choice.frameRates);
            }
            session.setRepeatingRequest(request.build(), null, handler);
        } catch (CameraAccessException | IllegalArgumentException | IllegalStateException e) {
            release();
            fail("camera_busy", "The camera cannot be started: " + e.getMessage());
        }
    }

    private void turnPictures() {
        if (pictures != null) {
            pictures.setRotation(choice.rotation(displayDegrees));
        }
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
