"""The base APK's code, as Google's dexdump reads it."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BASE_APK = Path(__file__).parents[2] / "assets" / "phone-app.apk"
OURS = "Lorg/mobilenetlab/phone/"
PLAIN = tuple(OURS + part for part in ("assets/", "core/", "link/", "runtime/", "screen/"))
EXECUTION_PLAN = "Lorg/tensorflow/lite/ExecutionPlan;"
TENSORFLOW = "Lorg/tensorflow/"

OF_ANY_OBJECT = ("<init>:", "clone:", "equals:", "getClass:", "hashCode:", "toString:")

REFLECTION = re.compile(  # dx makes Array.newInstance of Java's new byte[3][4]
    r"Ljava/lang/reflect/(?!Array;\.newInstance)|Ljava/lang/invoke/|"
    r"Ljava/lang/Class;\.(?!getName|getSimpleName|getClassLoader|isInstance|cast|"
    r"desiredAssertionStatus)\w+"
)
OUTSIDE = re.compile(
    r"Ljava/net/|Ljavax/net/|Landroid/net/(?!LocalSocket|LocalServerSocket|Credentials|Uri;)|"
    r"Landroid/webkit/|Landroid/bluetooth/|Landroid/telephony/|Landroid/location/|"
    r"Ljava/lang/Runtime;\.exec|Ljava/lang/ProcessBuilder|Ldalvik/system/DexClassLoader|"
    r"Landroid/media/MediaRecorder|Landroid/media/AudioRecord|Landroid/provider/MediaStore"
)


@dataclass
class DexClass:
    """What dexdump says of a class: what it is, what it has, what it calls."""

    above: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def classes() -> dict[str, DexClass]:
    if shutil.which("dexdump") is None:
        pytest.skip("dexdump is not installed")
    told = subprocess.run(
        ["dexdump", "-d", str(BASE_APK)], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, DexClass] = {}
    now = DexClass()
    name = ""
    for line in told.splitlines():
        if match := re.match(r"  Class descriptor  : '(.+)'", line):
            now = found.setdefault(match[1], DexClass())
        elif match := re.match(r"  Superclass        : '(.+)'|    #\d+ +: '(L.+;)'$", line):
            now.above.append(match[1] or match[2])
        elif match := re.match(r"      name          : '(.+)'", line):
            name = match[1]
        elif match := re.match(r"      type          : '(\(.+)'", line):
            now.methods.add(f"{name}:{match[1]}")
        elif match := re.search(r"\|\w+: (invoke-\S+) .*?}, (\S+:\S+) // method@", line):
            assert match[1] not in {"invoke-polymorphic", "invoke-custom"}
            now.calls.add(match[2])
    return found


def is_ours(descriptor: str) -> bool:
    return descriptor.startswith(OURS) or descriptor == EXECUTION_PLAN


def test_app_is_our_classes_and_tensorflow_lites(classes):
    assert {name.split("/")[-1] for name in classes if name.startswith(OURS)} > {
        "MainActivity;",
        "LabApplication;",
        "Engine;",
        "LinkServer;",
        "CameraFeed;",
        "TfLiteRuntime;",
    }
    others = [name for name in classes if not name.startswith((OURS, TENSORFLOW))]
    assert others == []


def test_our_code_uses_no_reflection(classes):
    for name, found in classes.items():
        if is_ours(name):
            assert [call for call in found.calls if REFLECTION.match(call)] == [], name


def test_our_code_reaches_for_nothing_but_camera_and_local_socket(classes):
    for name, found in classes.items():
        if is_ours(name):
            assert [call for call in found.calls if OUTSIDE.match(call)] == [], name


def test_what_junit_tests_knows_no_android(classes):
    for name, found in classes.items():
        if name.startswith(PLAIN):
            assert [call for call in found.calls if call.startswith("Landroid/")] == [], name


def test_gpu_delegate_is_in_every_apk(classes):
    assert f"{TENSORFLOW}lite/gpu/GpuDelegate;" in classes


def test_every_call_into_tensorflow_lite_leads_somewhere(classes):
    """Its parts have different versions: what one calls, the other must have."""

    def leads_somewhere(owner: str, method: str) -> bool:
        if owner not in classes:
            return owner != "Ljava/lang/Object;" or method.startswith(OF_ANY_OBJECT)
        found = classes[owner]
        return method in found.methods or any(
            leads_somewhere(above, method) for above in found.above
        )

    calls = {call for found in classes.values() for call in found.calls}
    options = f"{TENSORFLOW}lite/gpu/GpuDelegateFactory$Options;"
    assert f"{options}.areQuantizedModelsAllowed:()Z" in calls
    tensorflows = [call for call in calls if call.startswith(TENSORFLOW)]
    assert [call for call in tensorflows if not leads_somewhere(*call.split(".", 1))] == []
