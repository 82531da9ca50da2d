"""Makes a sample, and often a result, of each inference."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.models.recognition import Recognition
from engine.virtual_phone.app.facts import frame_result
from engine.virtual_phone.app.link_messages import FLAG_FIRST, NO_RESULT, Sample
from engine.virtual_phone.app.model import label_of
from engine.virtual_phone.app.numbers import Answer, LabNumbers
from engine.virtual_phone.handset import Battery
from engine.virtual_phone.screen.camera import clock_ns

RESULTS_PER_S = 30


@dataclass(frozen=True, slots=True)
class Turn:
    """One inference that has just ended, and what it was of.

    Attributes:
        recognition: What came out; None if the output was not read.
        infer_ns: The interpreter's invocation alone.
        picture: The APK's picture that it was of, from 1; 0 if it was none of them.
        rgb: That picture.
    """

    generation: int
    captured_ns: int
    infer_ns: int
    recognition: Recognition | None = None
    camera_ns: int = 0
    flags: int = 0
    picture: int = 0
    rgb: NDArray[np.uint8] | None = None


class Recorder:
    """Counts inferences from the app's start; one thread uses it.

    Attributes:
        numbers: What the screen shows of them.
    """

    def __init__(self, battery: Battery) -> None:
        """Start at sequence 0; ``battery`` gives the temperature."""
        self.numbers = LabNumbers()
        self._battery = battery
        self._sequence = 0
        self._result_times: deque[int] = deque(maxlen=RESULTS_PER_S)

    def record(
        self, turn: Turn, labels: Sequence[str], *, listened: bool
    ) -> tuple[Sample, bytes | None]:
        """Return the sample of a turn and its framed ``RESULT``.

        There is no result if the output was not read, nobody listens fast enough to be sent
        one (``listened``), or thirty went out within a second.
        """
        finished_ns = clock_ns()
        sequence, self._sequence = self._sequence, (self._sequence + 1) & 0xFFFF_FFFF
        result, read = None, turn.recognition
        if read is not None:
            self.numbers.answer = Answer(
                kind=read.kind,
                entries=tuple((label_of(labels, one.index), one) for one in read.entries),
                vector=read.vector,
                cells=read.cells,
                picture=turn.picture,
                rgb=turn.rgb,
            )
            if listened and self._may_send(finished_ns):
                result = frame_result(read, sequence, turn.generation, turn.picture)
        sample = Sample(
            sequence=sequence,
            generation=turn.generation,
            captured_ns=turn.captured_ns,
            finished_ns=finished_ns,
            camera_ns=turn.camera_ns,
            convert_ns=read.convert_ns if read is not None else 0,
            infer_ns=turn.infer_ns,
            post_ns=read.post_ns if read is not None else 0,
            draw_ns=self.numbers.draw_ns,
            result=NO_RESULT if result is None else sequence,
            temperature=round(self._battery.celsius * 10),
            flags=turn.flags,
        )
        if not turn.flags & FLAG_FIRST:
            self.numbers.add(sample)
        return sample, result

    def _may_send(self, now_ns: int) -> bool:
        times = self._result_times
        if len(times) == RESULTS_PER_S and now_ns - times[0] < 10**9:
            return False
        times.append(now_ns)
        return True
