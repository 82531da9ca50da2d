package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.Matrix;
import android.graphics.RectF;
import android.util.AttributeSet;
import android.view.TextureView;

/**
 * The camera's picture: upright, whole, undistorted, in the middle.
 *
 * <p>A TextureView stretches the picture, which the camera has turned for the phone's natural
 * orientation, over its whole area. The matrix set here takes the stretching back, turns against
 * the display's own turn, and scales to fit.
 */
public final class PreviewView extends TextureView {
    private final Matrix matrix = new Matrix();
    private final RectF bounds = new RectF();
    private int naturalWidth;
    private int naturalHeight;
    private int displayDegrees;

    public PreviewView(Context context, AttributeSet attributes) {
        super(context, attributes);
    }

    /** The camera's size and how its sensor sits in the phone. */
    void setPicture(int width, int height, int sensorOrientation) {
        boolean sideways = sensorOrientation % 180 != 0;
        naturalWidth = sideways ? height : width;
        naturalHeight = sideways ? width : height;
        place();
    }

    void setDisplayDegrees(int degrees) {
        displayDegrees = degrees;
        place();
    }

    /** Where the upright picture lies in this view; empty while there is none. */
    RectF pictureBounds() {
        return bounds;
    }

    @Override
    protected void onSizeChanged(int width, int height, int oldWidth, int oldHeight) {
        super.onSizeChanged(width, height, oldWidth, oldHeight);
        place();
    }

    private void place() {
        int width = getWidth();
        int height = getHeight();
        if (width == 0 || height == 0 || naturalWidth == 0) {
            return;
        }
        boolean sideways = displayDegrees % 180 != 0;
        float shownWidth = sideways ? naturalHeight : naturalWidth;
        float shownHeight = sideways ? naturalWidth : naturalHeight;
        float scale = Math.min(width / shownWidth, height / shownHeight);
        float x = width / 2f;
        float y = height / 2f;
        matrix.setScale((float) naturalWidth / width, (float) naturalHeight / height, x, y);
        matrix.postRotate(-displayDegrees, x, y);
        matrix.postScale(scale, scale, x, y);
        setTransform(matrix);
        float halfWidth = scale * shownWidth / 2;
        float halfHeight = scale * shownHeight / 2;
        bounds.set(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
    }
}
