package org.mobilenetlab.phone;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.screen.ClassColours;
import org.mobilenetlab.phone.screen.Frame;

/**
 * Draws what the model saw over where it saw it, boxes with labels or a map of classes; and, where
 * the model does not see the whole picture, the edge of what it sees.
 */
final class PictureOverlay {
    private static final float[] WHOLE = {0, 0, 1, 1};
    private static final int MAP_ALPHA = 0x8c;
    private static final float LABEL_HEIGHT_DP = 26;

    private final Ink ink;
    private final Paint outline = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final Paint edge = new Paint();
    private final Paint cells = new Paint(); // unfiltered: a cell is a cell
    private final RectF box = new RectF();
    private int[] colours = new int[0];
    private Bitmap map;
    private Recognition painted;

    PictureOverlay(Ink ink) {
        this.ink = ink;
        outline.setStyle(Paint.Style.STROKE);
        outline.setStrokeWidth(3 * ink.dp);
        outline.setColor(Ink.BOX);
        edge.setStyle(Paint.Style.STROKE);
        edge.setStrokeWidth(ink.dp);
        edge.setColor(Ink.EDGE);
    }

    /** @param input where the model's input lies on the picture: LoadedModel.inputArea */
    void draw(Canvas canvas, Recognition seen, ModelInfo model, Frame frame, float[] input) {
        canvas.save();
        canvas.clipRect(frame.left, frame.top, frame.right, frame.bottom);
        if (seen.kind == Recognition.MAP) {
            drawMap(canvas, seen, frame, input);
        } else if (seen.kind == Recognition.BOXES) {
            drawBoxes(canvas, seen, model, frame, input);
        }
        set(frame.place(input, WHOLE, 0));
        canvas.drawRect(box, edge);
        canvas.restore();
    }

    private void drawBoxes(
            Canvas canvas, Recognition seen, ModelInfo model, Frame frame, float[] input) {
        for (int i = seen.count() - 1; i >= 0; i--) { // the best one on top
            if (seen.scores[i] < Ink.LEAST_SCORE) {
                continue;
            }
            set(frame.place(input, seen.boxes, 4 * i));
            if (!box.intersect(frame.left, frame.top, frame.right, frame.bottom)) {
                continue;
            }
            canvas.drawRect(box, outline);
            String label = model.label(seen.classes[i]) + " " + ink.percent(seen.scores[i]);
            float bottom = Math.max(box.top, frame.top + LABEL_HEIGHT_DP * ink.dp);
            float width = ink.labels.measureText(label) + 12 * ink.dp;
            float left = Math.max(frame.left, Math.min(box.left, frame.right - width));
            ink.fill(canvas, left, bottom - LABEL_HEIGHT_DP * ink.dp, left + width, bottom,
                    Ink.PANEL);
            canvas.drawText(label, left + 6 * ink.dp, bottom - 7 * ink.dp, ink.labels);
        }
    }

    private void drawMap(Canvas canvas, Recognition seen, Frame frame, float[] input) {
        if (painted != seen) {
            paint(seen);
            painted = seen;
        }
        set(frame.place(input, WHOLE, 0));
        canvas.save();
        if (frame.mirrored) {
            canvas.scale(-1, 1, box.centerX(), box.centerY());
        }
        canvas.drawBitmap(map, null, box, cells);
        canvas.restore();
    }

    private void paint(Recognition seen) {
        if (map == null || map.getWidth() != seen.columns || map.getHeight() != seen.rows) {
            map = Bitmap.createBitmap(seen.columns, seen.rows, Bitmap.Config.ARGB_8888);
            colours = new int[seen.cells.length];
        }
        ClassColours.paint(seen.cells, MAP_ALPHA, colours);
        map.setPixels(colours, 0, seen.columns, 0, 0, seen.columns, seen.rows);
    }

    private void set(float[] edges) {
        box.set(edges[0], edges[1], edges[2], edges[3]);
    }
}
