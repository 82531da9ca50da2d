package org.mobilenetlab.phone;

import android.content.res.Resources;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import android.graphics.Typeface;
import android.text.TextPaint;
import android.text.TextUtils;
import java.util.Locale;

/** The colours, sizes and texts that everything on the result's view is drawn with. */
final class Ink {
    static final int TEXT = 0xffffffff;
    static final int QUIET = 0xffb8c0c8;
    static final int EDGE = 0x80ffffff;
    static final int PANEL = 0xcc101418;
    static final int BAR = 0xff56b4e9; // Okabe-Ito sky blue
    static final int BOX = 0xffe69f00; // Okabe-Ito orange
    /** Boxes with less are not drawn, as PROTOCOL.md says; they do go to the lab. */
    static final float LEAST_SCORE = 0.4f;
    private static final int LABEL_DP = 18;

    /** Pixels per dp. */
    final float dp;
    final TextPaint labels;
    final TextPaint quiet;
    private final Resources resources;
    private final Paint fill = new Paint();

    Ink(Resources resources) {
        this.resources = resources;
        dp = resources.getDisplayMetrics().density;
        labels = text(LABEL_DP, TEXT, Typeface.DEFAULT);
        quiet = text(LABEL_DP, QUIET, Typeface.DEFAULT);
    }

    /** For text of a height; its digits are all of one width. */
    TextPaint text(int sizeDp, int colour, Typeface face) {
        TextPaint paint = new TextPaint(Paint.ANTI_ALIAS_FLAG);
        paint.setTextSize(sizeDp * dp);
        paint.setColor(colour);
        paint.setTypeface(face);
        paint.setFontFeatureSettings("tnum");
        return paint;
    }

    void fill(Canvas canvas, RectF area, int colour) {
        fill.setColor(colour);
        canvas.drawRect(area, fill);
    }

    void fill(Canvas canvas, float left, float top, float right, float bottom, int colour) {
        fill.setColor(colour);
        canvas.drawRect(left, top, right, bottom, fill);
    }

    String words(int id, Object... values) {
        return resources.getString(id, values);
    }

    /** A fraction as percent. */
    String percent(float fraction) {
        return words(R.string.percent, Math.round(100 * fraction));
    }

    /** A number with that many decimals, as people here write it. */
    static String number(double value, int decimals) {
        return String.format(Locale.getDefault(), "%." + decimals + "f", value);
    }

    static String fit(String text, TextPaint paint, float width) {
        return TextUtils.ellipsize(text, paint, Math.max(0, width), TextUtils.TruncateAt.END)
                .toString();
    }
}
