"""What this program takes of the computer's memory: the app's, as far as it can be told."""

import ctypes
import re
import sys
from pathlib import Path


def pss_kb() -> int | None:
    """Return the proportional set size; the resident one where the system counts no shares.

    None where it says neither.
    """
    rollup, status = Path("/proc/self/smaps_rollup"), Path("/proc/self/status")
    return _kb_in(rollup, "Pss") or _kb_in(status, "VmRSS")


def native_heap_kb() -> int | None:
    """Return what the C library's allocator has handed out; None where it does not say."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        count = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):  # another C library than glibc 2.33 or later
        return None
    count.restype = _Mallinfo2
    counted = count()
    return int(counted.uordblks + counted.hblkhd) // 1024


class _Mallinfo2(ctypes.Structure):
    """``struct mallinfo2`` of malloc.h; ``hblkhd`` is what lies in mappings of its own."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _kb_in(path: Path, name: str) -> int | None:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(rf"^{name}:\s*(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else None
