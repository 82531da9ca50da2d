"""``dumpsys``: what the phone's services say of themselves, as far as a lab asks."""

import time
from pathlib import Path

from engine.virtual_phone.handset import LAUNCHER, Handset
from engine.virtual_phone.heat import THERMAL_STEPS_C
from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.shell.context import Context, Program

CERTIFICATE_HASH_SDK = 28
IDENTITY_BITS = (1 << 28) - 1
"""Android's runtime gives an object's hash 28 bits."""


def dumpsys(context: Context) -> int:
    """``dumpsys SERVICE ARGS`` and ``dumpsys -l``."""
    services: dict[str, Program] = {
        "activity": _activity,
        "battery": _battery,
        "diskstats": _diskstats,
        "display": _display,
        "input": _input,
        "meminfo": _meminfo,
        "package": _package,
        "power": _power,
        "window": _window,
    }
    if context.handset.sdk >= 29:
        services["thermalservice"] = _thermal
    if not context.args or context.args[0] == "-l":
        context.say("Currently running services:")
        for known in sorted(services):
            context.say(f"  {known}")
        return 0
    name = context.args[0]
    service = services.get(name)
    if service is None:
        context.complain(f"Can't find service: {name}")
        return 0 if context.handset.sdk < 30 else 20
    context.args = context.args[1:]
    return service(context)


def _battery(context: Context) -> int:
    battery = context.handset.battery
    match context.args:
        case ["set", "level", value] if value.isdecimal():
            battery.percent = min(100, int(value))
            return 0
        case ["set", "temp", value] if value.lstrip("-").isdecimal():
            battery.celsius = int(value) / 10
            battery.heat.hold(True)
            return 0
        case ["unplug"]:
            battery.charging = False
            return 0
        case ["reset"]:
            battery.charging = True
            battery.heat.hold(False)
            return 0
    status = 5 if battery.percent == 100 else 2 if battery.charging else 3
    context.say("Current Battery Service state:")
    for line in (
        "AC powered: false",
        f"USB powered: {str(battery.charging).lower()}",
        "Wireless powered: false",
        "Max charging current: 500000",
        "Max charging voltage: 5000000",
        f"Charge counter: {battery.percent * 30000}",
        f"status: {status}",
        "health: 3" if battery.celsius >= 50 else "health: 2",
        "present: true",
        f"level: {battery.percent}",
        "scale: 100",
        f"voltage: {3500 + battery.percent * 8}",
        f"temperature: {round(battery.celsius * 10)}",
        "technology: Li-ion",
    ):
        context.say(f"  {line}")
    return 0


def _thermal(context: Context) -> int:
    heat = context.handset.heat
    celsius = heat.celsius
    by_battery = sum(celsius >= step for step in THERMAL_STEPS_C)
    readings = [f"\tTemperature{{mValue={celsius}, mType=2, mName=battery, mStatus={by_battery}}}"]
    if context.handset.pace is not None:
        skin = f"mType=3, mName=skin, mStatus={heat.skin_status}"
        readings.append(f"\tTemperature{{mValue={celsius}, {skin}}}")
    for line in (
        f"IsStatusOverride: {str(heat.status_is_told).lower()}",
        f"Thermal Status: {heat.status}",
        "Cached temperatures:",
        *readings,
        "HAL Ready: true",
        "Current temperatures from HAL:",
        *readings,
        "Current cooling devices from HAL:",
    ):
        context.say(line)
    return 0


def own_memory_kb() -> int:
    """Return what this program holds in memory; 0 where the host does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * 4


def _meminfo(context: Context) -> int:
    names = [arg for arg in context.args if not arg.startswith("-")]
    uptime_ms = round(context.handset.uptime_s * 1000)
    running = context.handset.processes.running()
    if names:
        by_pid = {str(pid): name for name, pid in running.items()}
        name = by_pid.get(names[0], names[0])
        if name not in running:
            context.say(f"No process found for: {names[0]}")
            return 0
        running = {name: running[name]}
    context.say("Applications Memory Usage (in Kilobytes):")
    context.say(f"Uptime: {uptime_ms} Realtime: {uptime_ms}")
    for name, pid in running.items():
        total = own_memory_kb()
        context.say("")
        context.say(f"** MEMINFO in pid {pid} [{name}] **")
        context.say(" App Summary")
        context.say("                       Pss(KB)                        Rss(KB)")
        context.say("                        ------                         ------")
        context.say(f"           TOTAL PSS: {total:>8}            TOTAL RSS: {total:>8}")
        context.say(f"               TOTAL: {total:>8}       TOTAL SWAP PSS:        0")
    return 0


def _package(context: Context) -> int:
    names = [arg for arg in context.args if not arg.startswith("-")]
    packages = context.handset.packages.installed()
    shown = [package for package in packages if not names or package.name == names[0]]
    if not shown:
        context.say(f"Unable to find package: {names[0]}")
        return 0
    context.say("Packages:")
    for package in shown:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(package.installed_s))
        flags = " ".join(
            word
            for word, holds in (("DEBUGGABLE", package.debuggable), ("SYSTEM", package.system))
            if holds
        )
        sdks = f"minSdk={package.min_sdk} targetSdk={package.target_sdk}"
        context.say(f"  Package [{package.name}] (1f2e3d4):")
        for line in (
            "userId=10123",
            f"codePath={package.path.removesuffix('/base.apk')}",
            f"primaryCpuAbi={package.native_abi or 'null'}",
            f"versionCode={package.version_code} {sdks}",
            f"versionName={package.version_name}",
            f"flags=[ {flags} ]",
            f"firstInstallTime={when}",
            f"lastUpdateTime={when}",
            f"signatures={_signatures(package, context.handset.sdk)}",
            "requested permissions:",
            *(f"  {permission}" for permission in package.permissions),
            "runtime permissions:",
            *(
                f"  {permission}: granted={str(permission in package.granted).lower()}"
                for permission in package.permissions
            ),
        ):
            context.say(f"    {line}")
    return 0


def _signatures(package: InstalledPackage, sdk: int) -> str:
    """Show the signer: from Android 9 a hash of the certificate, before that of an object."""
    if sdk < CERTIFICATE_HASH_SDK:
        return f"PackageSignatures{{1a2b3c4 [{id(package) & IDENTITY_BITS:x}]}}"
    signer = f"{package.certificate_hash:x}" if package.certificate else ""
    return f"PackageSignatures{{1a2b3c4 version:3, signatures:[{signer}], past signatures:[]}}"


def _diskstats(context: Context) -> int:
    storage = context.handset.storage
    free, total = storage.free_bytes >> 10, storage.size_bytes >> 10
    context.say("Latency: 0ms [512B Data Write]")
    context.say(f"Data-Free: {free}K / {total}K total = {100 * free // total}% free")
    if context.handset.sdk >= 26:
        context.say(f"App Size: {storage.used_bytes - storage.caches_bytes}")
        context.say(f"App Cache Size: {storage.caches_bytes}")
    return 0


def foreground_component(handset: Handset) -> str:
    """Return ``package/.Activity`` of what is in front."""
    name = (handset.screen.foreground if handset.screen else None) or LAUNCHER
    package = handset.packages.find(name)
    activity = package.activities[0] if package and package.activities else name
    return f"{name}/{activity}"


def _activity(context: Context) -> int:
    component = foreground_component(context.handset)
    label = "topResumedActivity" if context.handset.sdk >= 29 else "mFocusedActivity"
    context.say("ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)")
    context.say(f"  {label}=ActivityRecord{{1a2b3c u0 {component} t1}}")
    context.say(f"  mResumedActivity: ActivityRecord{{1a2b3c u0 {component} t1}}")
    return 0


def _landscape(context: Context) -> tuple[int, int, bool]:
    screen = context.handset.screen
    width, height = screen.size if screen else (720, 1560)
    return width, height, width > height


def _window(context: Context) -> int:
    width, height, sideways = _landscape(context)
    upright = f"{min(width, height)}x{max(width, height)}"
    component = foreground_component(context.handset)
    context.say("WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)")
    context.say("  Display: mDisplayId=0")
    context.say(f"    init={upright} 320dpi cur={width}x{height} app={width}x{height}")
    context.say(f"    mCurrentRotation=ROTATION_{90 if sideways else 0}")
    context.say(f"  mCurrentFocus=Window{{4d5e6f u0 {component}}}")
    context.say(f"  mFocusedApp=ActivityRecord{{1a2b3c u0 {component} t1}}")
    context.say("  mDreamingLockscreen=false mShowingLockscreen=false isKeyguardShowing=false")
    return 0


def _display(context: Context) -> int:
    width, height, sideways = _landscape(context)
    context.say("DISPLAY MANAGER (dumpsys display)")
    context.say(
        f'  mOverrideDisplayInfo=DisplayInfo{{"Built-in Screen", real {width} x {height}, '
        f"rotation {int(sideways)}, state ON}}"
    )
    context.say(f"  mViewports=[DisplayViewport{{type=INTERNAL, orientation={int(sideways)}}}]")
    return 0


def _input(context: Context) -> int:
    _, _, sideways = _landscape(context)
    context.say("INPUT MANAGER (dumpsys input)")
    context.say(f"    SurfaceOrientation: {int(sideways)}")
    return 0


def _power(context: Context) -> int:
    battery = context.handset.battery
    settings = context.handset.settings["global"]
    screen = context.handset.screen
    is_on = screen is None or screen.on
    context.say("POWER MANAGER (dumpsys power)")
    for line in (
        f"mWakefulness={'Awake' if is_on else 'Asleep'}",
        f"mHoldingDisplaySuspendBlocker={str(is_on).lower()}",
        f"mIsPowered={str(battery.charging).lower()}",
        f"mBatteryLevel={battery.percent}",
        f"mStayOnWhilePluggedInSetting={settings.get('stay_on_while_plugged_in', '0')}",
        f"mLowPowerModeEnabled={str(settings.get('low_power') == '1').lower()}",
        f"Display Power: state={'ON' if is_on else 'OFF'}",
    ):
        context.say(f"  {line}")
    return 0
