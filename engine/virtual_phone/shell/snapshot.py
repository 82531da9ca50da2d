"""All that can change on the phone, so that before and after can be compared."""

import hashlib
import re

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.system.file_system import Node

_OF_A_PROCESS = re.compile(r"/proc/\d+(/|$)")

Snapshot = dict[str, dict[str, str]]
"""Kind of thing (``files``, ``settings``, ``packages``, ...) -> its name -> how it is."""


def take_snapshot(handset: Handset) -> Snapshot:
    """Say how the phone is: every file, setting, package, permission, property and process.

    The log and the clock are left out, and of files that the system makes up when they are
    read (``/proc``, ``/sys``) the content. Of processes only the names stay the same, and the
    shells that answer computers are not among them.
    """
    return {
        "files": {
            path: _describe(node)
            for path, node in handset.files.everything()
            if not _OF_A_PROCESS.match(path)
        },
        "settings": {
            f"{namespace} {key}": value
            for namespace, values in handset.settings.items()
            for key, value in values.items()
        },
        "packages": {
            package.name: f"{package.version_code} {package.path} {sorted(package.granted)}"
            for package in handset.packages.installed()
        },
        "properties": dict(handset.properties),
        "processes": dict.fromkeys(handset.processes.running(), "runs"),
        "screen": {"in front": (handset.screen.foreground if handset.screen else None) or ""},
        "storage": {"used": str(handset.storage.used_bytes)},
    }


def _describe(node: Node) -> str:
    if node.is_folder:
        return f"{node.mode:o}"
    if isinstance(node.content, bytes):
        return f"{node.mode:o} {hashlib.sha256(node.content).hexdigest()}"
    return f"{node.mode:o} made when read"
