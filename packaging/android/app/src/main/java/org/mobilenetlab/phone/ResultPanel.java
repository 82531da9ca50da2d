package org.mobilenetlab.phone;

import android.graphics.Canvas;
import android.graphics.Typeface;
import android.text.TextPaint;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Recognition;
import org.mobilenetlab.phone.screen.Areas;
import org.mobilenetlab.phone.screen.ClassColours;
import org.mobilenetlab.phone.screen.VectorStrip;

/**
 * Draws the panel beside the picture: what the model says in three rows or in a strip, and what
 * it costs, in milliseconds and frames per second for the back row.
 */
final class ResultPanel {
    private static final int ROWS = 3;
    private static final int MOST_CELLS = 128;
    private static final int NUMBER_DP = 56;
    /** A narrower panel has its two numbers one above the other. */
    private static final int LEAST_FOR_TWO_DP = 300;

    private final Ink ink;
    private final TextPaint numbers;
    private final float margin;
    private final float rowHeight;
    private Recognition reduced;
    private float[] cells;
    private String vectorFacts;

    ResultPanel(Ink ink) {
        this.ink = ink;
        numbers = ink.text(NUMBER_DP, Ink.TEXT, Typeface.create("sans-serif-light", 0));
        margin = 16 * ink.dp;
        rowHeight = 40 * ink.dp;
    }

    void draw(Canvas canvas, Shown shown, Areas areas) {
        float left = areas.panelLeft + margin;
        float width = areas.width - areas.panelLeft - 2 * margin;
        float top = areas.panelTop + margin / 2;
        ink.fill(canvas, areas.panelLeft, areas.panelTop, areas.width, areas.height, Ink.PANEL);
        if (shown.seen != null) {
            drawResult(canvas, shown.seen, shown.model.info, left, top, width);
        }
        float baseline = areas.height - 18 * ink.dp;
        if (width < LEAST_FOR_TWO_DP * ink.dp) {
            float above = baseline - 64 * ink.dp;
            drawNumber(canvas, left, above, width, shown.medianMs, R.string.unit_ms);
            drawNumber(canvas, left, baseline, width, shown.pipelineFps, R.string.unit_fps);
        } else {
            float half = width / 2;
            drawNumber(canvas, left, baseline, half, shown.medianMs, R.string.unit_ms);
            drawNumber(canvas, left + half, baseline, half, shown.pipelineFps,
                    R.string.unit_fps);
        }
    }

    private void drawResult(Canvas canvas, Recognition seen, ModelInfo model, float left,
            float top, float width) {
        switch (seen.kind) {
            case Recognition.VECTOR:
                drawVector(canvas, seen, left, top, width);
                break;
            case Recognition.BOXES:
                drawRows(canvas, seen, model, left, top, width, Ink.LEAST_SCORE);
                break;
            default:
                drawRows(canvas, seen, model, left, top, width, Float.NEGATIVE_INFINITY);
                break;
        }
    }

    /** The best entries; those of a map in the colours that they have on the picture. */
    private void drawRows(Canvas canvas, Recognition seen, ModelInfo model, float left, float top,
            float width, float least) {
        int drawn = 0;
        while (drawn < Math.min(ROWS, seen.count()) && seen.scores[drawn] >= least) {
            int index = seen.classes[drawn];
            int colour = seen.kind == Recognition.MAP ? ClassColours.of(index) : Ink.BAR;
            drawRow(canvas, left, top + drawn * rowHeight, width, model.label(index),
                    seen.scores[drawn], colour);
            drawn++;
        }
        if (drawn == 0) {
            canvas.drawText(
                    ink.words(R.string.nothing_found), left, top + 24 * ink.dp, ink.quiet);
        }
    }

    private void drawRow(Canvas canvas, float left, float top, float width, String label,
            float share, int colour) {
        String percent = ink.percent(share);
        float percentWidth = ink.labels.measureText(ink.percent(1)) + 12 * ink.dp;
        float baseline = top + 22 * ink.dp;
        canvas.drawText(
                Ink.fit(label, ink.labels, width - percentWidth), left, baseline, ink.labels);
        canvas.drawText(
                percent, left + width - ink.labels.measureText(percent), baseline, ink.labels);
        float length = width * Math.max(0, Math.min(1, share));
        ink.fill(canvas, left, top + 28 * ink.dp, left + length, top + rowHeight - 4 * ink.dp,
                colour);
    }

    private void drawVector(Canvas canvas, Recognition seen, float left, float top, float width) {
        if (reduced != seen) {
            reduced = seen;
            cells = VectorStrip.cells(seen.vector, MOST_CELLS);
            vectorFacts = ink.words(R.string.vector_facts, seen.vector.length,
                    Ink.number(VectorStrip.norm(seen.vector), 3));
        }
        float peak = VectorStrip.peak(cells);
        float cell = width / cells.length;
        float bottom = top + 2 * rowHeight - 8 * ink.dp;
        for (int i = 0; i < cells.length; i++) {
            ink.fill(canvas, left + i * cell, top, left + (i + 1) * cell, bottom,
                    VectorStrip.colour(cells[i], peak));
        }
        canvas.drawText(Ink.fit(vectorFacts, ink.labels, width), left, bottom + 26 * ink.dp,
                ink.labels);
    }

    private void drawNumber(Canvas canvas, float x, float baseline, float width, float value,
            int unit) {
        String text = value <= 0 ? "–" : Ink.number(value, value < 100 ? 1 : 0);
        canvas.drawText(text, x, baseline, numbers);
        float after = x + numbers.measureText(text) + 8 * ink.dp;
        canvas.drawText(
                Ink.fit(ink.words(unit), ink.quiet, x + width - after), after, baseline, ink.quiet);
    }
}
