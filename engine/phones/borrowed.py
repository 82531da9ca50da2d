"""Settings of a phone that the lab changes for a while, and gives back as they were.

The old value is written to a file on this computer before the phone is touched, so that a
lab that was killed, or that lost the phone, can still restore it: the next session does, and
so does ``clean``. The file is named after the phone's own serial number, which stays the same
by cable and by network.
"""

import logging
import re
import shlex
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.errors import LabError, PhoneError
from engine.files import write_whole
from engine.jobs import CancelToken
from engine.paths import data_dir
from engine.phones.phone import Phone

logger = logging.getLogger(__name__)

FOLDER = "borrowed"
AWAKE = "7"
"""Stay on while powered by mains (1), USB (2) or wirelessly (4): BatteryManager's bits."""
UNSET = "null"
"""What ``settings get`` prints for a setting that is not there."""

_files_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Loan:
    """One setting that the lab changed.

    Attributes:
        namespace: ``global``, ``system`` or ``secure``.
        key: For instance ``stay_on_while_plugged_in``.
        old: What it was; None if it was not set.
        new: What the lab set it to.
    """

    namespace: str
    key: str
    old: str | None
    new: str


def keep_awake(phone: Phone, cancel: CancelToken | None = None) -> None:
    """Let the phone's screen stay on while it is charged, until ``give_back``."""
    borrow(phone, "global", "stay_on_while_plugged_in", AWAKE, cancel)


def borrow(
    phone: Phone, namespace: str, key: str, value: str, cancel: CancelToken | None = None
) -> None:
    """Change a setting of the phone until ``give_back``.

    Of one that is borrowed already, perhaps by a lab that was killed, the first old value
    is the one that is kept.

    Args:
        phone: Whose.
        namespace: ``global``, ``system`` or ``secure``.
        key: Which setting.
        value: What it becomes.
        cancel: Ends the questions to the phone.

    Raises:
        PhoneError: If the phone does not let this computer change it.
        LabError: If the old value cannot be kept; nothing was changed then.
    """
    file = _file_of(phone, cancel)
    old = _get(phone, namespace, key, cancel)
    with _files_lock:
        before = _load(file)
        same = [loan for loan in before if (loan.namespace, loan.key) == (namespace, key)]
        if not same and old == value:
            return
        loan = Loan(namespace, key, same[0].old if same else old, value)
        _save(file, [*(each for each in before if each not in same), loan])
    try:
        _run(phone, f"put {namespace} {shlex.quote(key)} {shlex.quote(value)}", cancel)
    except PhoneError:
        if not same and _still(phone, loan.namespace, loan.key, old):
            with _files_lock:
                _save(file, [each for each in _load(file) if each != loan])
        raise


def give_back(phone: Phone, cancel: CancelToken | None = None) -> tuple[str, ...]:
    """Restore every setting that the lab changed on this phone.

    What somebody else changed meanwhile stays as they set it. Settings that could not be
    restored stay in the file for the next try.

    Returns:
        What was restored, for people: ``global stay_on_while_plugged_in = 0``.

    Raises:
        PhoneError: If the phone leaves or refuses.
    """
    file = _file_of(phone, cancel)
    with _files_lock:
        loans = _load(file)
    restored = []
    for loan in loans:
        if _get(phone, loan.namespace, loan.key, cancel) == loan.new:
            _restore(phone, loan, cancel)
            restored.append(f"{loan.namespace} {loan.key} = {loan.old or 'not set'}")
        else:
            logger.info("%s %s was changed meanwhile and stays", loan.namespace, loan.key)
        with _files_lock:
            _save(file, [each for each in _load(file) if each != loan])
    return tuple(restored)


def _restore(phone: Phone, loan: Loan, cancel: CancelToken | None) -> None:
    if loan.old is None:
        _run(phone, f"delete {loan.namespace} {shlex.quote(loan.key)}", cancel)
    else:
        words = f"put {loan.namespace} {shlex.quote(loan.key)} {shlex.quote(loan.old)}"
        _run(phone, words, cancel)


def _file_of(phone: Phone, cancel: CancelToken | None) -> Path:
    serial = phone.shell("getprop ro.serialno", cancel=cancel).stdout.strip() or phone.serial
    return data_dir() / FOLDER / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', serial)}.json"


def _get(phone: Phone, namespace: str, key: str, cancel: CancelToken | None) -> str | None:
    text = _run(phone, f"get {namespace} {shlex.quote(key)}", cancel)
    return None if text == UNSET else text


def _still(phone: Phone, namespace: str, key: str, value: str | None) -> bool:
    """Whether the phone is there and the setting has this value."""
    try:
        return _get(phone, namespace, key, None) == value
    except PhoneError:
        return False


def _run(phone: Phone, words: str, cancel: CancelToken | None) -> str:
    result = phone.shell(f"settings {words}", cancel=cancel)
    if result.exit_code != 0 or "Exception" in result.output:
        raise PhoneError(
            "The phone does not let this computer change its settings.",
            "In the developer options switch on 'USB debugging (Security settings)' where it "
            "exists, then restart the phone.",
            detail=f"settings {words}: {result.output}",
        )
    return result.stdout.strip()


def _load(file: Path) -> list[Loan]:
    try:
        rows: Any = orjson.loads(file.read_bytes())
        return [Loan(**row) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        logger.warning("%s says nothing about borrowed settings: %s", file, error)
        return []


def _save(file: Path, loans: list[Loan]) -> None:
    try:
        if not loans:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The phone's old settings cannot be kept in {file}.",
            "Make that folder writable, or name another one with MOBILENET_LAB_HOME.",
            detail=str(error),
        ) from error
    write_whole(file, orjson.dumps(loans, option=orjson.OPT_INDENT_2))
