package org.mobilenetlab.phone;

import android.Manifest;
import android.app.Activity;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.content.res.Configuration;
import android.graphics.SurfaceTexture;
import android.hardware.display.DisplayManager;
import android.net.Uri;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.provider.Settings;
import android.util.Size;
import android.view.TextureView;
import android.view.View;
import android.view.WindowManager;
import android.widget.Button;
import android.widget.TextView;
import org.mobilenetlab.phone.core.LabException;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.YuvPicture;

/** The one screen: shows what {@link Lab} says and runs the camera while it is in front. */
public final class MainActivity extends Activity implements Lab.Screen, CameraFeed.Listener,
        TextureView.SurfaceTextureListener, DisplayManager.DisplayListener {
    private static final int CAMERA_REQUEST = 1;
    private static final int QUARTER_TURN = 90;

    private final Handler main = new Handler(Looper.getMainLooper());
    private Lab lab;
    private PreviewView preview;
    private ResultView result;
    private TextView modelName;
    private TextView linkMark;
    private TextView message;
    private Button pause;
    private Button allow;

    private CameraFeed feed;
    private Shown shown;
    private boolean started;
    private boolean asked;

    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        setContentView(R.layout.main);
        lab = ((LabApplication) getApplication()).lab();
        preview = (PreviewView) findViewById(R.id.preview);
        result = (ResultView) findViewById(R.id.result);
        modelName = (TextView) findViewById(R.id.model_name);
        linkMark = (TextView) findViewById(R.id.link_mark);
        message = (TextView) findViewById(R.id.message);
        pause = (Button) findViewById(R.id.pause);
        allow = (Button) findViewById(R.id.allow);
        preview.setSurfaceTextureListener(this);
        result.setDrawnListener(new ResultView.DrawnListener() {
            @Override
            public void onDrawn(long finishedNs) {
                lab.drawn(finishedNs);
            }
        });
        pause.setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View view) {
                lab.setPaused(!shown.state.settings.paused);
            }
        });
        allow.setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View view) {
                askAgain();
            }
        });
    }

    @Override
    protected void onStart() {
        super.onStart();
        started = true;
        displays().registerDisplayListener(this, main);
        turn();
        lab.attach(this);
        updateCamera();
    }

    @Override
    protected void onStop() {
        started = false;
        lab.detach();
        displays().unregisterDisplayListener(this);
        updateCamera();
        super.onStop();
    }

    @Override
    public void onConfigurationChanged(Configuration now) {
        super.onConfigurationChanged(now);
        turn();
    }

    // ---- what the lab says ----

    @Override
    public void show(Shown now) {
        Shown before = shown;
        shown = now;
        if (before == null || before.state != now.state || before.model != now.model
                || before.linked != now.linked) {
            showState(now, now.state);
        }
        result.show(now, preview.pictureBounds());
    }

    private void showState(Shown now, LabState state) {
        boolean opening = now.model == null && state.errorCode == null;
        modelName.setText(opening ? getString(R.string.opening)
                : now.model == null ? getString(R.string.no_model_name)
                : now.model.info.untrained
                        ? getString(R.string.untrained, now.model.info.name)
                        : now.model.info.name);
        linkMark.setText(now.linked ? R.string.linked : R.string.not_linked);
        pause.setText(state.settings.paused ? R.string.resume : R.string.pause);
        String text = explanation(state);
        message.setText(text);
        message.setVisibility(text.isEmpty() ? View.GONE : View.VISIBLE);
        boolean forbidden = "camera_permission".equals(state.errorCode);
        allow.setVisibility(forbidden ? View.VISIBLE : View.GONE);
        preview.setVisibility(state.wantsCamera() ? View.VISIBLE : View.INVISIBLE);
        keepScreenOn(state.isMeasuring());
        updateCamera();
    }

    private String explanation(LabState state) {
        if (state.errorCode == null) {
            return "";
        }
        switch (state.errorCode) {
            case "background": // whoever reads this has just brought it to the front
                return "";
            case "no_model":
                return getString(R.string.error_no_model);
            case "bad_model":
                return getString(R.string.error_bad_model, state.errorText);
            case "camera_permission":
                return getString(R.string.error_camera_permission);
            case "camera_busy":
                return getString(R.string.error_camera_busy);
            case "no_camera":
                return getString(R.string.error_no_camera, state.errorText);
            default:
                return state.errorText;
        }
    }

    private void keepScreenOn(boolean on) {
        if (on) {
            getWindow().addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        } else {
            getWindow().clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        }
    }

    // ---- the camera ----

    /** Starts or stops the camera so that it runs exactly while it is needed and allowed. */
    private void updateCamera() {
        boolean needed = started && shown != null && shown.state.wantsCamera();
        boolean wanted = needed && isAllowed() && preview.isAvailable();
        if (wanted && feed == null) {
            feed = new CameraFeed(this, preview.getSurfaceTexture(), displayDegrees(), this);
            feed.start();
        } else if (!wanted && feed != null) {
            feed.stop();
            feed = null;
        }
        if (needed && !isAllowed() && !asked) {
            asked = true;
            lab.setCameraError(notAllowed());
            requestPermissions(new String[] {Manifest.permission.CAMERA}, CAMERA_REQUEST);
        }
    }

    private boolean isAllowed() {
        return checkSelfPermission(Manifest.permission.CAMERA)
                == PackageManager.PERMISSION_GRANTED;
    }

    private static LabException notAllowed() {
        return new LabException("camera_permission",
                "The app may not use the camera yet: tap Allow on the phone.");
    }

    @Override
    public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
        lab.setCameraError(isAllowed() ? null : notAllowed());
        updateCamera();
    }

    /** Once more, or in Android's settings if Android does not ask any more. */
    private void askAgain() {
        if (shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)) {
            requestPermissions(new String[] {Manifest.permission.CAMERA}, CAMERA_REQUEST);
            return;
        }
        asked = false; // look again on the way back
        startActivity(new Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS,
                Uri.fromParts("package", getPackageName(), null)));
    }

    @Override
    public void offer(YuvPicture picture) {
        lab.offer(picture);
    }

    @Override
    public void onCameraRunning(final Size size, final int sensorOrientation) {
        lab.setCameraError(null);
        main.post(new Runnable() {
            @Override
            public void run() {
                preview.setPicture(size.getWidth(), size.getHeight(), sensorOrientation);
            }
        });
    }

    @Override
    public void onCameraError(LabException error) {
        lab.setCameraError(error);
    }

    @Override
    public void onSurfaceTextureAvailable(SurfaceTexture texture, int width, int height) {
        updateCamera();
    }

    @Override
    public void onSurfaceTextureSizeChanged(SurfaceTexture texture, int width, int height) {
        turn();
    }

    @Override
    public boolean onSurfaceTextureDestroyed(SurfaceTexture texture) {
        if (feed != null) {
            feed.stop();
            feed = null;
        }
        return true;
    }

    @Override
    public void onSurfaceTextureUpdated(SurfaceTexture texture) {
        // Drawn by the system.
    }

    // ---- the display's turn ----

    private void turn() {
        int degrees = displayDegrees();
        preview.setDisplayDegrees(degrees);
        if (feed != null) {
            feed.setDisplayDegrees(degrees);
        }
    }

    @SuppressWarnings("deprecation") // Activity.getDisplay came with API 30
    private int displayDegrees() {
        return QUARTER_TURN * getWindowManager().getDefaultDisplay().getRotation();
    }

    private DisplayManager displays() {
        return (DisplayManager) getSystemService(DISPLAY_SERVICE);
    }

    @Override
    public void onDisplayChanged(int id) {
        turn(); // half a turn changes no configuration
    }

    @Override
    public void onDisplayAdded(int id) {
        // Only the turn of our own display matters.
    }

    @Override
    public void onDisplayRemoved(int id) {
        // Likewise.
    }
}
