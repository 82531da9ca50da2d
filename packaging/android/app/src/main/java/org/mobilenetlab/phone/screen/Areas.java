package org.mobilenetlab.phone.screen;

/**
 * How the screen is divided: the picture, and a panel with what the model says of it. The panel
 * lies under the picture where the screen is high and beside it where it is wide, so that it
 * covers nothing. Pixels; the bar at the top belongs to neither.
 */
public final class Areas {
    private static final float PANEL_HEIGHT = 216;
    private static final float LEAST_PANEL_WIDTH = 280;
    private static final float MOST_PANEL_WIDTH = 560;
    private static final float PANEL_SHARE = 0.4f;

    public final float pictureRight;
    public final float pictureBottom;
    public final float panelLeft;
    public final float panelTop;
    /** Where both begin or, at right and bottom, where the panel ends. */
    public final float top;
    public final float width;
    public final float height;

    /**
     * @param top height of the bar
     * @param density pixels per dp
     */
    public Areas(float width, float height, float top, float density) {
        this.width = width;
        this.height = height;
        this.top = Math.min(top, height);
        if (width > height) {
            float wanted = Math.max(LEAST_PANEL_WIDTH * density, PANEL_SHARE * width);
            float panel = Math.min(wanted, Math.min(MOST_PANEL_WIDTH * density, width));
            panelLeft = width - panel;
            panelTop = this.top;
            pictureRight = panelLeft;
            pictureBottom = height;
        } else {
            panelLeft = 0;
            panelTop = Math.max(this.top, height - PANEL_HEIGHT * density);
            pictureRight = width;
            pictureBottom = panelTop;
        }
    }

    /** Where a picture of width x height lies. */
    public Frame frame(int pictureWidth, int pictureHeight, boolean mirrored) {
        return Frame.within(
                0, top, pictureRight, pictureBottom, pictureWidth, pictureHeight, mirrored);
    }
}
