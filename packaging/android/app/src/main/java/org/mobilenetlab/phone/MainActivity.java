package org.mobilenetlab.phone;

import android.app.Activity;
import android.content.res.Configuration;
import android.hardware.display.DisplayManager;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.view.View;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.screen.Areas;
import org.mobilenetlab.phone.screen.Turn;

/** The one screen: shows what {@link Lab} says and tells it what the user wants. */
public final class MainActivity extends Activity
        implements Lab.Screen, DisplayManager.DisplayListener, View.OnLayoutChangeListener {
    private final Handler main = new Handler(Looper.getMainLooper());
    private Lab lab;
    private PreviewView preview;
    private ResultView result;
    private View bar;
    private StatusViews status;
    private CameraDriver camera;
    private Shown shown;

    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        setContentView(R.layout.main);
        lab = ((LabApplication) getApplication()).lab();
        preview = (PreviewView) findViewById(R.id.preview);
        result = (ResultView) findViewById(R.id.result);
        bar = findViewById(R.id.bar);
        status = new StatusViews(this, lab.limits().cameras.size() > 1);
        camera = new CameraDriver(this, lab, preview, new Runnable() {
            @Override
            public void run() {
                layOut();
            }
        });
        result.setPictures(lab.pictures());
        listen();
    }

    private void listen() {
        result.addOnLayoutChangeListener(this);
        bar.addOnLayoutChangeListener(this);
        result.setDrawnListener(new ResultView.DrawnListener() {
            @Override
            public void onDrawn(long finishedNs) {
                lab.drawn(finishedNs);
            }
        });
        findViewById(R.id.pause).setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View view) {
                lab.setPaused(!shown.state.settings.paused);
            }
        });
        findViewById(R.id.switch_camera).setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View view) {
                boolean back = Settings.BACK.equals(shown.state.settings.camera);
                lab.setCamera(back ? Settings.FRONT : Settings.BACK);
            }
        });
        findViewById(R.id.allow).setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View view) {
                camera.askAgain();
            }
        });
    }

    @Override
    protected void onStart() {
        super.onStart();
        displays().registerDisplayListener(this, main);
        turn();
        lab.attach(this);
        camera.setInFront(true);
    }

    @Override
    protected void onStop() {
        lab.detach();
        displays().unregisterDisplayListener(this);
        camera.setInFront(false);
        super.onStop();
    }

    @Override
    public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
        camera.onRequestPermissionsResult();
    }

    @Override
    public void show(Shown now) {
        Shown before = shown;
        shown = now;
        if (before == null || before.state != now.state || before.model != now.model
                || before.linked != now.linked) {
            status.show(now);
            camera.setState(now.state);
        }
        result.show(now);
    }

    // ---- the display's turn and the window's size ----

    private void turn() {
        camera.setDisplayDegrees(displayDegrees());
        layOut();
    }

    private void layOut() {
        Areas areas = new Areas(result.getWidth(), result.getHeight(), bar.getHeight(),
                getResources().getDisplayMetrics().density);
        result.lay(areas, preview.place(areas, displayDegrees()));
    }

    @SuppressWarnings("deprecation") // Activity.getDisplay came with API 30
    private int displayDegrees() {
        return Turn.QUARTER * getWindowManager().getDefaultDisplay().getRotation();
    }

    private DisplayManager displays() {
        return (DisplayManager) getSystemService(DISPLAY_SERVICE);
    }

    @Override
    public void onConfigurationChanged(Configuration now) {
        super.onConfigurationChanged(now);
        turn();
    }

    @Override
    public void onLayoutChange(View view, int left, int top, int right, int bottom, int oldLeft,
            int oldTop, int oldRight, int oldBottom) {
        layOut();
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
