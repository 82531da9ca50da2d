package org.mobilenetlab.phone;

import android.Manifest;
import android.app.Activity;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.graphics.SurfaceTexture;
import android.net.Uri;
import android.os.Handler;
import android.os.Looper;
import android.provider.Settings;
import android.view.TextureView;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.YuvPicture;

/**
 * Runs the camera exactly while the screen is in front, the source is the camera, the user allows
 * it, and there is a surface for its preview. The main thread, but for what the feed calls.
 */
final class CameraDriver implements CameraFeed.Listener, TextureView.SurfaceTextureListener {
    private static final int REQUEST = 1;

    private final Activity activity;
    private final Lab lab;
    private final PreviewView preview;
    private final Runnable layOut;
    private final Handler main = new Handler(Looper.getMainLooper());
    private CameraFeed feed;
    private LabState state;
    private boolean inFront;
    private boolean asked;
    private int displayDegrees;

    /** @param layOut called when the preview's picture has got another shape */
    CameraDriver(Activity activity, Lab lab, PreviewView preview, Runnable layOut) {
        this.activity = activity;
        this.lab = lab;
        this.preview = preview;
        this.layOut = layOut;
        preview.setSurfaceTextureListener(this);
    }

    void setInFront(boolean isInFront) {
        inFront = isInFront;
        update();
    }

    void setState(LabState now) {
        state = now;
        update();
    }

    /** @param degrees how far the display is turned: 0, 90, 180, 270 */
    void setDisplayDegrees(int degrees) {
        displayDegrees = degrees;
        if (feed != null) {
            feed.setDisplayDegrees(degrees);
        }
    }

    private void update() {
        boolean needed = inFront && state != null && state.wantsCamera();
        boolean wanted = needed && isAllowed() && preview.isAvailable();
        if (!wanted) {
            stop();
        } else if (feed == null) {
            feed = new CameraFeed(activity, preview.getSurfaceTexture(), state.settings.camera,
                    displayDegrees, this);
            feed.start();
        } else {
            feed.setCamera(state.settings.camera);
        }
        if (needed && !isAllowed() && !asked) {
            asked = true;
            lab.setCameraError(notAllowed());
            request();
        }
    }

    private void stop() {
        if (feed != null) {
            feed.stop();
            feed = null;
        }
    }

    // ---- the permission ----

    private boolean isAllowed() {
        return activity.checkSelfPermission(Manifest.permission.CAMERA)
                == PackageManager.PERMISSION_GRANTED;
    }

    private static LabException notAllowed() {
        return new LabException("camera_permission",
                "The app may not use the camera yet: tap Allow on the phone.");
    }

    private void request() {
        activity.requestPermissions(new String[] {Manifest.permission.CAMERA}, REQUEST);
    }

    void onRequestPermissionsResult() {
        lab.setCameraError(isAllowed() ? null : notAllowed());
        update();
    }

    /** Once more, or in Android's settings if Android does not ask any more. */
    void askAgain() {
        if (activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)) {
            request();
            return;
        }
        asked = false; // look again on the way back
        activity.startActivity(new Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS,
                Uri.fromParts("package", activity.getPackageName(), null)));
    }

    // ---- what the feed says: its own thread ----

    @Override
    public void offer(YuvPicture picture, String camera) {
        lab.offer(picture, camera);
    }

    @Override
    public void onCameraRunning(final CameraChoice running) {
        lab.setCameraError(null);
        main.post(new Runnable() {
            @Override
            public void run() {
                preview.setPicture(running.size.getWidth(), running.size.getHeight(),
                        running.sensorOrientation, running.front);
                layOut.run();
            }
        });
    }

    @Override
    public void onCameraError(LabException error) {
        lab.setCameraError(error);
    }

    // ---- what the preview says ----

    @Override
    public void onSurfaceTextureAvailable(SurfaceTexture texture, int width, int height) {
        update();
    }

    @Override
    public void onSurfaceTextureSizeChanged(SurfaceTexture texture, int width, int height) {
        layOut.run();
    }

    @Override
    public boolean onSurfaceTextureDestroyed(SurfaceTexture texture) {
        stop();
        return true;
    }

    @Override
    public void onSurfaceTextureUpdated(SurfaceTexture texture) {
        // Drawn by the system.
    }
}
