package org.mobilenetlab.phone;

import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.os.BatteryManager;
import android.os.Build;
import android.os.PowerManager;
import android.os.Process;
import android.os.SystemClock;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.mobilenetlab.phone.core.Limits;
import org.mobilenetlab.phone.core.Sample;
import org.mobilenetlab.phone.core.Settings;
import org.mobilenetlab.phone.link.LabConnection;
import org.mobilenetlab.phone.link.Messages;

/** What the phone and the app say of themselves: HELLO and HEALTH. */
final class PhoneFacts implements LabConnection.Facts {
    /** Hears the battery's temperature each time it is read, in tenths of a degree. */
    interface TemperatureListener {
        void onTemperature(short tenths);
    }

    private static final int ANDROID_10 = 29;

    private final Context context;
    private final PowerManager power;
    private final TemperatureListener listener;
    private final Limits limits;
    private final MemoryFacts memory = new MemoryFacts();

    PhoneFacts(Context context, Limits limits, TemperatureListener listener) {
        this.context = context;
        this.limits = limits;
        this.listener = listener;
        power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
    }

    /** Changes when the APK is installed anew. */
    static String installStamp(Context context) {
        return Long.toString(ownPackage(context).lastUpdateTime);
    }

    /** What may be asked for on this phone. */
    static Limits limits(Context context, int pictures) {
        PackageManager features = context.getPackageManager();
        boolean front = features.hasSystemFeature(PackageManager.FEATURE_CAMERA_FRONT);
        boolean back = features.hasSystemFeature(PackageManager.FEATURE_CAMERA)
                || features.hasSystemFeature(PackageManager.FEATURE_CAMERA_EXTERNAL);
        List<String> cameras = new ArrayList<>(Settings.CAMERAS);
        if (!back) {
            cameras.remove(Settings.BACK);
        }
        if (!front) {
            cameras.remove(Settings.FRONT);
        }
        List<String> delegates = new ArrayList<>(Settings.DELEGATES);
        if (!NativeLibraries.hasGpu()) {
            delegates.remove(Settings.GPU);
        }
        return new Limits(cameras, pictures, delegates, Limits.MAX_THREADS);
    }

    @Override
    public JSONObject hello() {
        try {
            JSONObject hello = new JSONObject().put("app", app()).put("phone", phone())
                    .put("clock_ns", SystemClock.elapsedRealtimeNanos())
                    .put("pid", Process.myPid());
            return Messages.putLimits(hello, limits);
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    private JSONObject app() throws JSONException {
        PackageInfo own = ownPackage(context);
        int flags = context.getApplicationInfo().flags;
        return new JSONObject().put("version", own.versionName)
                .put("version_code", own.versionCode).put("package", own.packageName)
                .put("debuggable", (flags & ApplicationInfo.FLAG_DEBUGGABLE) != 0)
                .put("runtime", TfLiteRuntime.version());
    }

    private static JSONObject phone() throws JSONException {
        return new JSONObject().put("manufacturer", Build.MANUFACTURER).put("model", Build.MODEL)
                .put("android", Build.VERSION.RELEASE).put("sdk", Build.VERSION.SDK_INT)
                .put("fingerprint", Build.FINGERPRINT)
                .put("abis", new JSONArray(Arrays.asList(Build.SUPPORTED_ABIS)))
                .put("soc", Build.BOARD);
    }

    private static PackageInfo ownPackage(Context context) {
        try {
            return context.getPackageManager().getPackageInfo(context.getPackageName(), 0);
        } catch (PackageManager.NameNotFoundException e) {
            throw new IllegalStateException(e); // the package that this very code is in
        }
    }

    @Override
    public JSONObject health() {
        try {
            JSONObject json = new JSONObject().put("clock_ns", SystemClock.elapsedRealtimeNanos());
            putBattery(json);
            boolean hasThermal = Build.VERSION.SDK_INT >= ANDROID_10;
            Long pssKb = memory.pssKb();
            return json.put("thermal", hasThermal ? Thermal.status(power) : JSONObject.NULL)
                    .put("screen_on", power.isInteractive())
                    .put("power_save", power.isPowerSaveMode()).put("cpu_khz", clocks())
                    .put("pss_kb", pssKb != null ? pssKb : JSONObject.NULL)
                    .put("native_heap_kb", MemoryFacts.nativeHeapKb());
        } catch (JSONException e) {
            throw new IllegalStateException(e);
        }
    }

    private void putBattery(JSONObject json) throws JSONException {
        Intent battery = context.registerReceiver(
                null, new IntentFilter(Intent.ACTION_BATTERY_CHANGED));
        int level = extra(battery, BatteryManager.EXTRA_LEVEL);
        int scale = extra(battery, BatteryManager.EXTRA_SCALE);
        int tenths = extra(battery, BatteryManager.EXTRA_TEMPERATURE);
        int plugged = extra(battery, BatteryManager.EXTRA_PLUGGED);
        boolean hasLevel = level >= 0 && scale > 0;
        boolean hasTemperature = tenths != Integer.MIN_VALUE;
        listener.onTemperature(hasTemperature ? (short) tenths : Sample.UNKNOWN_TEMPERATURE);
        json.put("battery_percent", hasLevel ? 100 * level / scale : JSONObject.NULL)
                .put("battery_c", hasTemperature ? tenths / 10.0 : JSONObject.NULL)
                .put("charging", plugged >= 0 ? plugged != 0 : JSONObject.NULL);
    }

    private static int extra(Intent battery, String name) {
        return battery == null ? Integer.MIN_VALUE : battery.getIntExtra(name, Integer.MIN_VALUE);
    }

    /** Each core's clock in kHz, or null where Android keeps them to itself. */
    private static Object clocks() {
        JSONArray clocks = new JSONArray();
        for (int core = 0; ; core++) {
            File folder = new File("/sys/devices/system/cpu/cpu" + core);
            if (!folder.isDirectory()) {
                return clocks.length() > 0 ? clocks : JSONObject.NULL;
            }
            try (BufferedReader in = new BufferedReader(
                    new FileReader(new File(folder, "cpufreq/scaling_cur_freq")))) {
                clocks.put(Long.parseLong(String.valueOf(in.readLine()).trim()));
            } catch (IOException | NumberFormatException e) {
                return JSONObject.NULL; // offline or forbidden: half a list would mislead
            }
        }
    }
}
