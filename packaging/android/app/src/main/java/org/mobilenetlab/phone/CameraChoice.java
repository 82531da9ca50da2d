package org.mobilenetlab.phone;

import android.graphics.ImageFormat;
import android.hardware.camera2.CameraAccessException;
import android.hardware.camera2.CameraCharacteristics;
import android.hardware.camera2.CameraManager;
import android.hardware.camera2.params.StreamConfigurationMap;
import android.util.Range;
import android.util.Size;

/** Which camera, and how it should run. */
final class CameraChoice {
    private static final int WANTED_WIDTH = 640;
    private static final int WANTED_HEIGHT = 480;
    private static final int WANTED_FPS = 30;

    final String id;
    /** Null if the camera has no pictures for apps. */
    final Size size;
    /** Degrees clockwise that turn its pictures upright in the phone's natural orientation. */
    final int sensorOrientation;
    /** Whether its clock is SystemClock.elapsedRealtimeNanos. */
    final boolean realtimeStamps;
    /** The steadiest range that ends at the wanted rate, or null to leave it to the camera. */
    final Range<Integer> frameRates;
    private final boolean front;

    private CameraChoice(String id, CameraCharacteristics facts) {
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

    /** The back camera, else the first there is, else null. */
    static CameraChoice of(CameraManager manager) throws CameraAccessException {
        String[] ids = manager.getCameraIdList();
        for (String id : ids) {
            CameraCharacteristics facts = manager.getCameraCharacteristics(id);
            if (faces(facts, CameraCharacteristics.LENS_FACING_BACK)) {
                return new CameraChoice(id, facts);
            }
        }
        return ids.length == 0 ? null
                : new CameraChoice(ids[0], manager.getCameraCharacteristics(ids[0]));
    }

    /** Degrees clockwise that turn its pictures upright on a display turned by so much. */
    int rotation(int displayDegrees) {
        int display = front ? -displayDegrees : displayDegrees;
        return (sensorOrientation - display + 360) % 360;
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
