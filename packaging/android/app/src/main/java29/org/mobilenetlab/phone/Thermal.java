package org.mobilenetlab.phone;

import android.os.PowerManager;

/** What only Android 10 (API 29) and later know. Callers check the version first. */
final class Thermal {
    private Thermal() {
    }

    /** Android's thermal status, 0 (none) to 6 (shutdown). */
    static int status(PowerManager power) {
        return power.getCurrentThermalStatus();
    }
}
