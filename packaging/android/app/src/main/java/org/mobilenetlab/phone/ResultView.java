package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import android.graphics.Typeface;
import android.text.TextPaint;
import android.text.TextUtils;
import android.util.AttributeSet;
import android.view.View;
import java.util.Locale;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Recognition;

/**
 * What the model sees and what it costs, over the camera's picture: boxes where they are or the
 * best three classes as bars, and milliseconds and frames per second for the back row.
 */
public final class ResultView extends View {
    /** Called when a result has been drawn. */
    interface DrawnListener {
        void onDrawn(long finishedNs);
    }

    private static final int ROWS = 3;
    /** Boxes with less are not drawn, as PROTOCOL.md says; they do go to the lab. */
    private static final float LEAST_SCORE = 0.4f;
    private static final int PANEL = 0xcc101418;
    private static final int TEXT = 0xffffffff;
    private static final int QUIET = 0xffb8c0c8;
    private static final int BAR = 0xff56b4e9; // Okabe-Ito sky blue
    private static final int BOX = 0xffe69f00; // Okabe-Ito orange

    private final float dp = getResources().getDisplayMetrics().density;
    private final TextPaint labels = text(18, TEXT, Typeface.DEFAULT);
    private final TextPaint numbers = text(56, TEXT, Typeface.create("sans-serif-light", 0));
    private final TextPaint units = text(18, QUIET, Typeface.DEFAULT);
    private final Paint fill = new Paint();
    private final Paint outline = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final RectF picture = new RectF();
    private final RectF box = new RectF();

    private Shown shown;
    private Recognition drawn;
    private DrawnListener listener;

    public ResultView(Context context, AttributeSet attributes) {
        super(context, attributes);
        outline.setStyle(Paint.Style.STROKE);
        outline.setStrokeWidth(3 * dp);
    }

    private TextPaint text(int sizeDp, int colour, Typeface face) {
        TextPaint paint = new TextPaint(Paint.ANTI_ALIAS_FLAG);
        paint.setTextSize(sizeDp * getResources().getDisplayMetrics().density);
        paint.setColor(colour);
        paint.setTypeface(face);
        paint.setFontFeatureSettings("tnum");
        return paint;
    }

    void setDrawnListener(DrawnListener drawnListener) {
        listener = drawnListener;
    }

    /** Shows {@code now}; the picture lies at {@code bounds} of this view. */
    void show(Shown now, RectF bounds) {
        shown = now;
        picture.set(bounds);
        invalidate();
    }

    @Override
    protected void onDraw(Canvas canvas) {
        super.onDraw(canvas);
        if (shown == null || shown.model == null) {
            return;
        }
        Recognition seen = shown.seen;
        ModelInfo model = shown.model.info;
        if (seen != null && seen.hasBoxes()) {
            drawBoxes(canvas, seen, model);
        }
        drawPanel(canvas, seen, model);
        if (seen != null && seen != drawn && listener != null) {
            drawn = seen;
            listener.onDrawn(shown.finishedNs);
        }
    }

    private void drawPanel(Canvas canvas, Recognition seen, ModelInfo model) {
        boolean bars = seen != null && !seen.hasBoxes();
        float rowHeight = 36 * dp;
        float margin = 16 * dp;
        float height = 88 * dp + (bars ? ROWS * rowHeight : 0);
        float width = Math.min(getWidth(), 560 * dp);
        float top = getHeight() - height;
        fill.setColor(PANEL);
        canvas.drawRect(0, top, width, getHeight(), fill);
        for (int i = 0; bars && i < Math.min(ROWS, seen.count()); i++) {
            drawBar(canvas, margin, top + margin / 2 + i * rowHeight, width - 2 * margin, rowHeight,
                    model.label(seen.classes[i]), seen.scores[i]);
        }
        float baseline = getHeight() - 24 * dp;
        float half = width / 2;
        drawNumber(canvas, margin, baseline, half - margin, shown.medianMs, R.string.unit_ms);
        drawNumber(canvas, half, baseline, half - margin, shown.pipelineFps, R.string.unit_fps);
    }

    private void drawNumber(Canvas canvas, float x, float baseline, float width, float value,
            int unit) {
        String text = value <= 0 ? "–"
                : String.format(Locale.getDefault(), value < 100 ? "%.1f" : "%.0f", value);
        canvas.drawText(text, x, baseline, numbers);
        float after = x + numbers.measureText(text) + 8 * dp;
        float left = x + width - after;
        canvas.drawText(fit(getResources().getString(unit), units, left), after, baseline, units);
    }

    private void drawBar(Canvas canvas, float x, float y, float width, float height, String label,
            float score) {
        String percent = String.format(Locale.getDefault(), "%d %%", Math.round(100 * score));
        float percentWidth = labels.measureText("100 %") + 12 * dp;
        canvas.drawText(fit(label, labels, width - percentWidth), x, y + 20 * dp, labels);
        canvas.drawText(percent, x + width - labels.measureText(percent), y + 20 * dp, labels);
        fill.setColor(BAR);
        float length = width * Math.max(0, Math.min(1, score));
        canvas.drawRect(x, y + 26 * dp, x + length, y + height - 4 * dp, fill);
    }

    private void drawBoxes(Canvas canvas, Recognition seen, ModelInfo model) {
        for (int i = seen.count() - 1; i >= 0; i--) { // the best one on top
            if (seen.scores[i] < LEAST_SCORE) {
                continue;
            }
            box.set(picture.left + seen.boxes[4 * i + 1] * picture.width(),
                    picture.top + seen.boxes[4 * i] * picture.height(),
                    picture.left + seen.boxes[4 * i + 3] * picture.width(),
                    picture.top + seen.boxes[4 * i + 2] * picture.height());
            box.intersect(picture);
            outline.setColor(BOX);
            canvas.drawRect(box, outline);
            String label = String.format(Locale.getDefault(), "%s %d %%",
                    model.label(seen.classes[i]), Math.round(100 * seen.scores[i]));
            float bottom = Math.max(box.top, picture.top + 26 * dp);
            fill.setColor(PANEL);
            canvas.drawRect(box.left, bottom - 26 * dp,
                    box.left + labels.measureText(label) + 12 * dp, bottom, fill);
            canvas.drawText(label, box.left + 6 * dp, bottom - 7 * dp, labels);
        }
    }

    private static String fit(String text, TextPaint paint, float width) {
        return TextUtils.ellipsize(text, paint, Math.max(0, width), TextUtils.TruncateAt.END)
                .toString();
    }
}
