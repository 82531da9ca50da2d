package org.mobilenetlab.phone;

import android.content.Context;
import android.graphics.Matrix;
import android.util.AttributeSet;
import android.view.TextureView;
import org.mobilenetlab.phone.screen.Areas;
import org.mobilenetlab.phone.screen.Frame;
import org.mobilenetlab.phone.screen.Turn;

/**
 * The camera's picture: upright, whole, undistorted, in its area. Android mirrors a front
 * camera's preview by itself (the picture that the model gets it does not).
 */
public final class PreviewView extends TextureView {
    private final Matrix matrix = new Matrix();
    private int naturalWidth;
    private int naturalHeight;
    private boolean mirrored;

    public PreviewView(Context context, AttributeSet attributes) {
        super(context, attributes);
    }

    /** What comes from now on: the size of the camera's pictures, and how its sensor sits. */
    void setPicture(int width, int height, int sensorOrientation, boolean front) {
        boolean sideways = Turn.isSideways(sensorOrientation);
        naturalWidth = sideways ? height : width;
        naturalHeight = sideways ? width : height;
        mirrored = front;
    }

    /** Places the picture; returns where it lies, which is nowhere as long as there is none. */
    Frame place(Areas areas, int displayDegrees) {
        if (getWidth() == 0 || getHeight() == 0 || naturalWidth == 0) {
            return Frame.NONE;
        }
        boolean sideways = Turn.isSideways(displayDegrees);
        Frame frame = areas.frame(sideways ? naturalHeight : naturalWidth,
                sideways ? naturalWidth : naturalHeight, mirrored);
        if (!frame.isEmpty()) {
            matrix.setValues(frame.textureMatrix(
                    getWidth(), getHeight(), naturalWidth, naturalHeight, displayDegrees));
            setTransform(matrix);
        }
        return frame;
    }
}
