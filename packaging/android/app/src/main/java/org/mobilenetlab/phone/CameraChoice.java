package org.mobilenetlab.phone;

import android.graphics.ImageFormat;
import android.hardware.camera2.CameraAccessException;
import android.hardware.camera2.CameraCharacteristics;
import android.hardware.camera2.CameraManager;
import android.hardware.camera2.params.StreamConfigurationMap;
import android.util.Range;
import android.util.Size;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.screen.Turn;

/** Which camera, and how it should run. */
final class CameraChoice {
    private static final int WANTED_WIDTH = 640;
    private static final int WANTED_HEIGHT = 480;
    private static final int WANTED_FPS = 30;

    /** What it is to the lab: Settings.BACK or Settings.FRONT. */
    final String camera;
    final String id;
    /** Null if it has no pictures for apps; of a choice it never is. */
    final Size size;
    /** Degrees clockwise that turn its pictures upright in the phone's natural orientation. */
    final int sensorOrientation;
    /** Whether its clock is SystemClock.elapsedRealtimeNanos. */
    final boolean realtimeStamps;
    /** The steadiest range that ends at the wanted rate, or null to leave it to the camera. */
    final Range<Integer> frameRates;
    /** Whether it looks at who holds the phone. */
    final boolean front;

    private CameraChoice(String camera, String id, CameraCharacteristics facts) {
        this.camera = camera;
        this.id = id;
        Integer degrees = facts.get(CameraCharacteristics.SENSOR_ORIENTATION);
        Integer stamps = facts.get(CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE);
        sensorOrientation = degrees == null ? 0 : degrees;
        realtimeStamps = stamps != null
                && stamps == CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE_REALTIME;
        front = faces(facts, CameraCharacteristics.LENS_FACING_FRONT);
        size = nearestSize(facts.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP));
        frameRates = steadiest(
                facts.get(CameraCharacteristics.CONTROL_AE_AVAILABLE_TARGET_FPS_RANGES));
    }

    /**
     * The camera that the lab calls so, one with pictures for apps if there is any; else null. A
     * camera that is plugged in counts as the back one where the phone has no other.
     *
     * @param camera Settings.BACK or Settings.FRONT
     */
    static CameraChoice of(CameraManager manager, String camera) throws CameraAccessException {
        boolean back = Settings.BACK.equals(camera);
        CameraChoice found = facing(manager, camera, back
                ? CameraCharacteristics.LENS_FACING_BACK
                : CameraCharacteristics.LENS_FACING_FRONT);
        return found != null || !back ? found
                : facing(manager, camera, CameraCharacteristics.LENS_FACING_EXTERNAL);
    }

    private static CameraChoice facing(CameraManager manager, String camera, int wanted)
            throws CameraAccessException {
        for (String id : manager.getCameraIdList()) {
            CameraCharacteristics facts = manager.getCameraCharacteristics(id);
            CameraChoice choice =
                    faces(facts, wanted) ? new CameraChoice(camera, id, facts) : null;
            if (choice != null && choice.size != null) { // not one that sees depth alone
                return choice;
            }
        }
        return null;
    }

    /** Degrees clockwise that turn its pictures upright on a display turned by so much. */
    int rotation(int displayDegrees) {
        return Turn.ofPicture(sensorOrientation, displayDegrees, front);
    }

    private static boolean faces(CameraCharacteristics facts, int wanted) {
        Integer facing = facts.get(CameraCharacteristics.LENS_FACING);
        return facing != null && facing == wanted;
    }

    private static Size nearestSize(StreamConfigurationMap map) {
        Size[] sizes = map == null ? null : map.getOutputSizes(ImageFormat.YUV_420_888);
        Size best = null;
        for (int i = 0; sizes != null && i < sizes.length; i++) {
            if (best == null || distance(sizes[i]) < distance(best)) {
                best = sizes[i];
            }
        }
        return best;
    }

    private static int distance(Size size) {
        return Math.abs(size.getWidth() - WANTED_WIDTH)
                + Math.abs(size.getHeight() - WANTED_HEIGHT);
    }

    private static Range<Integer> steadiest(Range<Integer>[] ranges) {
        Range<Integer> best = null;
        for (int i = 0; ranges != null && i < ranges.length; i++) {
            boolean fits = ranges[i].getUpper() == WANTED_FPS;
            if (fits && (best == null || ranges[i].getLower() > best.getLower())) {
                best = ranges[i];
            }
        }
        return best;
    }
}
