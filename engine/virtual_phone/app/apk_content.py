"""What the lab put into the installed APK: model, labels, settings and pictures."""

import hashlib
import io
import json
import logging
import zipfile
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.virtual_phone.app.link_messages import READING
from engine.virtual_phone.app.model import LabModel, Reading
from engine.virtual_phone.packages.packages import InstalledPackage

logger = logging.getLogger(__name__)

PICTURES = "assets/lab/pictures/"
MAX_PICTURES = 64
MAX_PIXELS = 1 << 20
GPU_LIBRARY = "libtensorflowlite_gpu_jni.so"


class ApkContent:
    """The entries of one installed APK that the app reads; it is not changed afterwards."""

    def __init__(self, package: InstalledPackage | None) -> None:
        """Look into the APK of ``package``; None has no entries."""
        self._apk = package.apk if package is not None else b""
        self._abi = package.native_abi if package is not None else ""
        self._names = frozenset[str]()
        if self._apk:
            with zipfile.ZipFile(io.BytesIO(self._apk)) as archive:
                self._names = frozenset(archive.namelist())

    @property
    def has_gpu(self) -> bool:
        """Whether the GPU delegate's library is there for the ABI that this phone runs."""
        return f"lib/{self._abi}/{GPU_LIBRARY}" in self._names

    def config(self) -> dict[str, Any]:
        """Return ``config.json``; what cannot be read counts as empty."""
        try:
            values = json.loads(self._read("assets/lab/config.json") or b"{}")
        except ValueError as error:
            logger.warning("config.json in the APK is unreadable: %s", error)
            return {}
        return values if isinstance(values, dict) else {}

    def model(self) -> LabModel | None:
        """Return the model, None if there is none.

        Raises:
            LabError: If it is not what ``config.json`` says, or its labels are no text.
        """
        data = self._read("assets/lab/model.tflite")
        if data is None:
            return None
        config = self.config()
        digest = hashlib.sha256(data).hexdigest()
        if config.get("sha256", digest) != digest:
            raise LabError("The model in the APK is not the one that its config names.")
        words = {
            field: str(config[field])
            for field, allowed in READING.items()
            if config.get(field) in allowed
        }
        return LabModel(
            data=data,
            name=str(config.get("name") or "model"),
            sha256=digest,
            labels=self._labels(),
            untrained=bool(config.get("untrained", False)),
            reading=Reading(**words),
        )

    def pictures(self) -> tuple[NDArray[np.uint8], ...]:
        """Unpack the pictures in the order of their names; those that cannot be shown are out.

        Each is RGB, shape (h, w, 3), and nobody may write to it.
        """
        names = [
            name for name in self._names if name.startswith(PICTURES) and name.endswith(".png")
        ]
        names.sort(key=lambda name: name.encode("utf-8"))
        unpacked = (self._picture(name) for name in names[:MAX_PICTURES])
        return tuple(picture for picture in unpacked if picture is not None)

    def _picture(self, name: str) -> NDArray[np.uint8] | None:
        data = np.frombuffer(self._read(name) or b"", np.uint8)
        try:
            decoded = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
        except cv2.error as error:
            logger.warning("%s in the APK cannot be decoded: %s", name, error)
            return None
        sound = decoded is not None and decoded.dtype == np.uint8
        if decoded is None or not sound or decoded.shape[2:] not in ((), (3,)):
            logger.warning("%s in the APK is no picture of 8 bits in RGB or grey", name)
            return None
        if decoded.shape[0] * decoded.shape[1] > MAX_PIXELS:
            logger.warning("%s in the APK is larger than %d pixels", name, MAX_PIXELS)
            return None
        how = cv2.COLOR_GRAY2RGB if decoded.ndim == 2 else cv2.COLOR_BGR2RGB
        picture = np.asarray(cv2.cvtColor(decoded, how), np.uint8)
        picture.setflags(write=False)
        return picture

    def _labels(self) -> tuple[str, ...]:
        try:
            text = (self._read("assets/lab/labels.txt") or b"").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise LabError("The labels in the APK are not UTF-8 text.") from error
        return tuple(line.strip() for line in text.rstrip().split("\n")) if text.strip() else ()

    def _read(self, name: str) -> bytes | None:
        if name not in self._names:
            return None
        with zipfile.ZipFile(io.BytesIO(self._apk)) as archive:
            return archive.read(name)
