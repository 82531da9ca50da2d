"""Phones: one with a shell alone, and ones with the lab's app on them."""

import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from engine.errors import LabError
from engine.models.interpreter import BY_OUTPUTS
from engine.models.preprocessing import default_fit
from engine.models.recognition import Box, ClassScore, Recognition
from engine.virtual_phone.app.lab_app import LabApp
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.screen.screen import Screen
from engine.virtual_phone.shell.commands import PROGRAMS
from engine.virtual_phone.shell.shell import Shell
from engine.virtual_phone.system.system_files import place_system_files

SHARED = Path(__file__).parents[2] / ".." / "shared"


ANSWERS = {
    "classification": Recognition(
        "classes", (ClassScore(1, 0.75), ClassScore(0, 0.25)), 1000, 2000, 3000
    ),
    "detection": Recognition("boxes", (Box(1, 0.75, 0.0, 0.5, 0.5, 1.0),), 1000, 2000, 3000),
    "embedding": Recognition(
        "vector", (), 1000, 2000, 3000, vector=np.array([3.0, -4.0], np.float32)
    ),
    "segmentation": Recognition(
        "map",
        (ClassScore(0, 0.75), ClassScore(1, 0.25)),
        1000,
        2000,
        3000,
        cells=np.array([[0, 1], [0, 0]], np.uint8),
    ),
}


class StandInModel:
    """Stands for a model: says the same of every picture, by its task.

    Its bytes may say that it is broken, or an embedding that cannot be anything else.
    """

    def __init__(self, data: bytes, *, name: str, threads: int, **how):
        if data.startswith(b"broken"):
            raise LabError("The model is broken.")
        self.data, self.threads, self.how = data, threads, how
        self.labels, self.delegate = how["labels"], how["delegate"]
        self.task = "classification" if how["task"] == BY_OUTPUTS else how["task"]
        self.fit = how["fit"] or default_fit(self.task)
        if data == b"embedding" and self.task != "embedding":
            raise LabError(f"The model does not fit {self.task}.")
        self.load_ms = 1.5
        self.runs = 0
        self.seen = []
        taken = SimpleNamespace(shape=(1, 128, 128, 3), dtype="int8", scale=0.5, zero_point=0)
        self.facts = SimpleNamespace(
            inputs=(taken,), untrained=False, macs=13_000_000, precision="int8"
        )

    def predict(self, rgb: np.ndarray) -> Recognition:
        assert rgb.shape[2] == 3
        self.runs += 1
        self.seen.append(rgb)
        if self.data == b"fails later" and self.runs > 3:
            raise LabError("The model fell over.")
        if self.data == b"crashes later" and self.runs > 3:
            raise RuntimeError("a bug")
        time.sleep(0.001)  # pictures would otherwise spin without end
        return ANSWERS[self.task]

    def time_once(self) -> int:
        time.sleep(0.001)  # the loop would otherwise spin without end
        return 2000

    def close(self) -> None:
        pass


def encode_png(rgb: np.ndarray) -> bytes:
    swapped = rgb[..., ::-1] if rgb.ndim == 3 and rgb.shape[2] == 3 else rgb
    good, data = cv2.imencode(".png", swapped)
    assert good
    return data.tobytes()


@dataclass
class Phone:
    """A handset with its screen, and a way to put the app on it."""

    handset: Handset
    screen: Screen
    opened: list[StandInModel] = field(default_factory=list)

    def install(
        self,
        model: bytes | None = b"model",
        labels: str = "cat\ndog\n",
        *,
        granted: bool = True,
        pictures: Sequence[np.ndarray | bytes] = (),
        libraries: Sequence[str] = (),
        **config: object,
    ) -> InstalledPackage:
        blob = io.BytesIO()
        with zipfile.ZipFile(blob, "w") as archive:
            if model is not None:
                facts = {
                    "name": "v1_0.25_128-int8",
                    "sha256": hashlib.sha256(model).hexdigest(),
                    "size_bytes": len(model),
                    "untrained": False,
                    "threads": 1,
                    "delegate": "xnnpack",
                    "source": "camera",
                }
                archive.writestr("assets/lab/model.tflite", model)
                archive.writestr("assets/lab/labels.txt", labels)
                archive.writestr("assets/lab/config.json", json.dumps(facts | config))
            for number, picture in enumerate(pictures):
                data = picture if isinstance(picture, bytes) else encode_png(picture)
                archive.writestr(f"assets/lab/pictures/{number:02}.png", data)
            for library in libraries:
                archive.writestr(f"lib/x86_64/{library}", b"\x7fELF")
        permission = "android.permission.CAMERA"
        package = InstalledPackage(
            name=PACKAGE,
            label="MobileNet Lab",
            version_code=7,
            version_name="0.1.0",
            min_sdk=24,
            target_sdk=34,
            activities=(f"{PACKAGE}.MainActivity",),
            permissions=(permission,),
            apk=blob.getvalue(),
            native_abi="x86_64",
            granted={permission} if granted else set(),
        )
        self.handset.packages._installed[PACKAGE] = package
        return package

    def wait(self, holds: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Wait for pictures until ``holds``: whatever happens on a phone shows on its screen."""
        end = time.monotonic() + timeout_s
        while not holds():
            assert time.monotonic() < end, "it never came"
            self.screen.wait_changed(self.screen.counter, 0.05)


def make_phone(camera: str | None, **options: object) -> tuple[Phone, Screen]:
    handset = Handset("Test phone", "14")
    opened: list[StandInModel] = []

    may_open = options.get("may_open")

    def opener(data: bytes, **how: object) -> StandInModel:
        assert may_open is None or may_open.wait(20)
        opened.append(StandInModel(data, **how))
        return opened[-1]

    def make_app(*args: object) -> LabApp:
        return LabApp(*args, opener=opener) if options.get("stand_in", True) else LabApp(*args)

    screen = Screen(handset, camera, make_app=make_app)
    handset.screen = screen
    return Phone(handset, screen, opened), screen


@pytest.fixture
def phone() -> Iterator[Phone]:
    """A phone whose app runs stand-in models."""
    before = set(threading.enumerate())
    phone, screen = make_phone(None)
    yield phone
    screen.close()
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(5)
    assert not [thread.name for thread in left if thread.is_alive()]


@pytest.fixture
def blind_phone() -> Iterator[Phone]:
    """A phone without a camera."""
    phone, screen = make_phone("none")
    yield phone
    screen.close()


@pytest.fixture
def slow_phone() -> Iterator[tuple[Phone, threading.Event]]:
    """A phone whose app opens its model once the event is set."""
    may_open = threading.Event()
    phone, screen = make_phone(None, may_open=may_open)
    yield phone, may_open
    may_open.set()
    screen.close()


@pytest.fixture
def real_phone() -> Iterator[Phone]:
    """A phone with real models, whose camera sees the shared photos."""
    if not SHARED.exists():
        pytest.skip("the shared models and pictures are not here")
    phone, screen = make_phone(str(SHARED / "pictures" / "photos"), stand_in=False)
    yield phone
    screen.close()


@pytest.fixture
def shared() -> Path:
    """The folder with real models and pictures."""
    if not SHARED.exists():
        pytest.skip("the shared models and pictures are not here")
    return SHARED


@pytest.fixture
def handset():
    handset = Handset("Test phone")
    place_system_files(handset)
    return handset


@pytest.fixture
def sh_on():
    """``sh_on(handset)`` is what ``sh`` is for the phone of its own."""

    def open_shell(handset):
        shell = Shell(handset, PROGRAMS, threading.Event())

        def run(line, stdin=b""):
            left = bytearray(stdin)

            def read(size):
                part = bytes(left[:size])
                del left[:size]
                return part

            out, err = bytearray(), bytearray()
            code = shell.run(line, read, out.extend, err.extend)
            return code, out.decode(), err.decode()

        return run

    return open_shell


@pytest.fixture
def sh(sh_on, handset):
    """``sh(line, stdin=b"")`` runs a line and returns (exit code, output, errors)."""
    return sh_on(handset)
