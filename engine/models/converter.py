"""Builds a variant as a ``.tflite``: in a child process, once for the same ingredients."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

import engine
from engine.about import lab_version
from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import check_runnable, inspect_bytes
from engine.models.marker import Marker, add_marker
from engine.models.pictures import find_pictures
from engine.models.store import ModelStore
from engine.models.weights import FoldedWeights, read_weights

CONVERTER_VERSION: Final = 1
"""Counted up when the same ingredients shall give another file."""

TENSORFLOW_PIN: Final = "2.21.0"
"""As in ``pyproject.toml``: another TensorFlow gives other files."""

MAX_CALIBRATION_PICTURES: Final = 200
STEP: Final = "model"
"""The step that progress is reported under."""

_MAX_CLASSES: Final = 50_000
_DETAIL_BYTES: Final = 6_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a built model is made of; what the child process is given.

    Attributes:
        variant: ``v1_0.50_128``.
        precision: ``float32``, ``float16`` or ``int8``.
        classes: Outputs of the classifier.
        seed: Of random weights and of synthetic calibration pictures.
        weights: A ``.tflite`` to take weights from; empty for random ones.
        weights_sha256: Of that file.
        calibration: Pictures to calibrate int8 with; none for synthetic ones.
        calibration_sha256: Of their contents, in order.
    """

    variant: str
    precision: str
    classes: int
    seed: int
    weights: str = ""
    weights_sha256: str = ""
    calibration: tuple[str, ...] = ()
    calibration_sha256: str = ""

    def key(self, labels: Sequence[str]) -> str:
        """Return the key of the model in the store: paths do not count, contents do."""
        parts = asdict(self) | {
            "weights": "",
            "calibration": (),
            "labels": list(labels),
            "converter": CONVERTER_VERSION,
            "tensorflow": TENSORFLOW_PIN,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def build_model(  # noqa: PLR0913 - what a model is made of is many things
    name: ModelName,
    *,
    classes: int = 1000,
    seed: int = 0,
    weights: Path | None = None,
    labels: Sequence[str] = (),
    calibration: Path | None = None,
    store: ModelStore,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Path:
    """Build a model, or find it in the store.

    Args:
        name: Variant and precision.
        classes: Outputs; with ``weights`` the file decides instead.
        seed: Of the random weights.
        weights: A MobileNet v1 ``.tflite`` of the same alpha, float or 8-bit, whose weights
            to use. Without it they are random and the model is marked untrained.
        labels: One per class, packed into the model; without them those of ``weights``, if any.
        calibration: A folder of pictures that int8 ranges are measured on. Without it
            synthetic pictures are used.
        store: Where the model is kept.
        report: Told of progress, under the step ``model``.
        cancel: Ends the child process at once.

    Returns:
        The path of the ``.tflite`` in the store.

    Raises:
        LabError: If the ingredients do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    taken = read_weights(weights) if weights is not None else None
    if taken is not None:
        _check_alpha(taken, name, weights)
        classes, labels = taken.classes, labels or taken.labels
    if not 2 <= classes <= _MAX_CLASSES:
        raise LabError(f"A classifier cannot have {classes} classes.", "Choose at least 2.")
    if labels and len(labels) != classes:
        raise LabError(
            f"There are {len(labels)} labels for {classes} classes.",
            "Give one label per class.",
        )
    pictures, digest = _calibration(calibration) if name.precision == "int8" else ((), "")
    recipe = Recipe(
        name.variant,
        name.precision,
        classes,
        seed,
        str(weights.resolve()) if weights else "",
        taken.sha256 if taken else "",
        pictures,
        digest,
    )
    key = recipe.key(labels)
    kept = store.path_of(key)
    if kept is not None:
        report(Progress(STEP, 1.0, "already built"))
        return kept
    marker = Marker(
        variant=name.variant,
        precision=name.precision,
        untrained=taken is None or taken.untrained,
        seed=seed,
        weights_sha256=recipe.weights_sha256,
        calibration=_said_calibration(recipe),
        labels=tuple(labels),
        lab_version=lab_version(),
    )
    data = add_marker(_convert(recipe, report, cancel), marker)
    check_runnable(inspect_bytes(data))
    cancel.check()
    path = store.put(key, data, name=str(name))
    report(Progress(STEP, 1.0, f"{len(data) / 1e6:.1f} MB"))
    return path


def _check_alpha(taken: FoldedWeights, name: ModelName, weights: Path | None) -> None:
    if taken.alpha != name.alpha and weights is not None:
        raise LabError(
            f"{weights.name} holds weights for alpha {taken.alpha:.2f}; "
            f"{name.variant} needs alpha {name.alpha:.2f}.",
            f"Choose v1_{taken.alpha:.2f}_{name.resolution} or another file.",
        )


def _calibration(folder: Path | None) -> tuple[tuple[str, ...], str]:
    """List the pictures of a folder and the digest of their contents."""
    if folder is None:
        return (), ""
    try:
        files = find_pictures(folder)
        step = max(1, len(files) // MAX_CALIBRATION_PICTURES)
        files = files[::step][:MAX_CALIBRATION_PICTURES]
        digest = hashlib.sha256()
        for file in files:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    except OSError as error:
        raise LabError(f"The pictures in {folder} cannot be read.", detail=str(error)) from error
    if not files:
        raise LabError(
            f"There are no pictures in {folder}.",
            "Choose a folder with JPEG or PNG pictures to calibrate with.",
        )
    return tuple(str(file.resolve()) for file in files), digest.hexdigest()


def _said_calibration(recipe: Recipe) -> str:
    if recipe.precision != "int8":
        return ""
    return f"{len(recipe.calibration)} pictures" if recipe.calibration else "synthetic"


def _convert(recipe: Recipe, report: Report, cancel: CancelToken) -> bytes:
    """Run the child process; return the bytes of the plain ``.tflite``."""
    cancel.check()
    with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as folder:
        output = Path(folder) / "model.tflite"
        request = json.dumps({"recipe": asdict(recipe), "output": str(output)})
        with (Path(folder) / "noise.txt").open("w+b") as noise:
            process = _start_child(noise)
            try:
                with cancel.closing(process.kill):
                    answer = _converse(process, request, report)
                    process.wait()
                cancel.check()
            finally:
                _end(process)
            _check_answer(answer, process.returncode, _tail(noise))
        return output.read_bytes()


def _start_child(noise: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PYTHONPATH": str(Path(engine.__file__).resolve().parents[1]),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "engine.models.conversion"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=environment,
        )
    except OSError as error:
        raise LabError("The converter cannot be started.", detail=str(error)) from error


def _converse(
    process: subprocess.Popen[bytes], request: str, report: Report
) -> dict[str, Any] | None:
    """Send the request and read JSON lines until the child closes them; return the last word."""
    answer: dict[str, Any] | None = None
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child was started without pipes")
    try:
        process.stdin.write(request.encode() + b"\n")
        process.stdin.flush()  # left open: its end tells the child that we are gone
    except BrokenPipeError:
        return None
    for line in process.stdout:
        message: dict[str, Any] = json.loads(line)
        if "fraction" in message:
            report(Progress(STEP, message["fraction"], message["detail"]))
        else:
            answer = message
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue


def _check_answer(answer: dict[str, Any] | None, code: int, noise: str) -> None:
    if answer is not None and "what" in answer:
        raise LabError(answer["what"], answer["advice"], detail=answer["detail"])
    if answer == {"done": True} and code == 0:
        return
    advice = "The log has the details."
    if code in (-9, 137):
        advice = "The system ended it, perhaps for lack of memory."
    raise LabError(
        "The conversion broke off before the model was done.",
        advice,
        detail=f"exit code {code}\n{noise}",
    )


def _tail(noise: IO[bytes]) -> str:
    size = noise.seek(0, os.SEEK_END)
    noise.seek(max(0, size - _DETAIL_BYTES))
    return noise.read().decode("utf-8", "replace")
