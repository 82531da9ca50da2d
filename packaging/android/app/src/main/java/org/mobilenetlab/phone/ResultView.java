package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import android.text.Layout;
import android.text.StaticLayout;
import android.util.AttributeSet;
import android.view.View;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.screen.Areas;
import org.mobilenetlab.phone.screen.Frame;

/**
 * What the model sees and what it costs: drawn over the camera's preview, or over the picture of
 * the APK that it was shown instead.
 */
public final class ResultView extends View {
    /** Called when a result has been drawn. */
    interface DrawnListener {
        void onDrawn(long finishedNs);
    }

    private final Ink ink = new Ink(getResources());
    private final PictureOverlay overlay = new PictureOverlay(ink);
    private final ResultPanel panel = new ResultPanel(ink);
    private final Paint smooth = new Paint(Paint.FILTER_BITMAP_FLAG);
    private final RectF place = new RectF();

    private Areas areas = new Areas(0, 0, 0, 1);
    private Frame preview = Frame.NONE;
    private LabPictures pictures;
    private Shown shown;
    private Recognition drawn;
    private StaticLayout quiet;
    private DrawnListener listener;

    public ResultView(Context context, AttributeSet attributes) {
        super(context, attributes);
    }

    void setDrawnListener(DrawnListener drawnListener) {
        listener = drawnListener;
    }

    /** How the view is divided, and where in it the camera's preview lies. */
    void lay(Areas division, Frame previewFrame) {
        areas = division;
        preview = previewFrame;
        quiet = null;
        invalidate();
    }

    void setPictures(LabPictures ofTheApk) {
        pictures = ofTheApk;
    }

    void show(Shown now) {
        shown = now;
        invalidate();
    }

    @Override
    protected void onDraw(Canvas canvas) {
        super.onDraw(canvas);
        if (shown == null || shown.model == null) {
            return;
        }
        Settings settings = shown.state.settings;
        Recognition seen = shown.seen;
        if (Settings.LOOP.equals(settings.source)) {
            drawQuiet(canvas);
        } else if (Settings.PICTURES.equals(settings.source)) {
            drawPicture(canvas, seen);
        } else if (seen != null && !settings.paused && !preview.isEmpty()) {
            // A pause leaves the camera on: what was seen before lies there no more.
            drawOverlay(canvas, seen, preview);
        }
        panel.draw(canvas, shown, areas);
        if (seen != null && seen != drawn && listener != null) {
            drawn = seen;
            listener.onDrawn(shown.finishedNs);
        }
    }

    private void drawOverlay(Canvas canvas, Recognition seen, Frame frame) {
        overlay.draw(canvas, seen, shown.model.info, frame,
                shown.model.inputArea(frame.pictureWidth, frame.pictureHeight));
    }

    private void drawPicture(Canvas canvas, Recognition seen) {
        boolean known = seen != null && pictures != null;
        Bitmap bitmap = known ? pictures.preview(seen.picture) : null;
        if (bitmap == null) {
            return;
        }
        Frame frame = areas.frame(bitmap.getWidth(), bitmap.getHeight(), false);
        place.set(frame.left, frame.top, frame.right, frame.bottom);
        canvas.drawBitmap(bitmap, null, place, smooth);
        drawOverlay(canvas, seen, frame);
        String number = ink.words(R.string.picture_number, seen.picture, pictures.count());
        float width = ink.labels.measureText(number) + 12 * ink.dp;
        ink.fill(canvas, frame.right - width, frame.top, frame.right, frame.top + 26 * ink.dp,
                Ink.PANEL);
        canvas.drawText(
                number, frame.right - width + 6 * ink.dp, frame.top + 19 * ink.dp, ink.labels);
    }

    private void drawQuiet(Canvas canvas) {
        float margin = 24 * ink.dp;
        if (quiet == null) {
            int width = Math.max(1, Math.round(areas.pictureRight - 2 * margin));
            CharSequence words = ink.words(R.string.loop_quiet);
            quiet = StaticLayout.Builder.obtain(words, 0, words.length(), ink.quiet, width)
                    .setAlignment(Layout.Alignment.ALIGN_CENTER).build();
        }
        float free = areas.pictureBottom - areas.top - quiet.getHeight();
        canvas.save();
        canvas.translate(margin, areas.top + Math.max(0, free / 2));
        quiet.draw(canvas);
        canvas.restore();
    }
}
