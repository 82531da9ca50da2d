"""Makes a sample, and often a result, of each inference."""

from collections import deque
from collections.abc import Sequence

from engine.models.recognition import Recognition
from engine.virtual_phone.app.facts import frame_result
from engine.virtual_phone.app.link_messages import FLAG_FIRST, NO_RESULT, Sample
from engine.virtual_phone.app.model import label_of
from engine.virtual_phone.app.numbers import LabNumbers
from engine.virtual_phone.handset import Battery
from engine.virtual_phone.screen.camera import clock_ns

RESULTS_PER_S = 30


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
        self,
        recognition: Recognition,
        labels: Sequence[str],
        *,
        generation: int,
        captured_ns: int,
        camera_ns: int,
        flags: int,
    ) -> tuple[Sample, bytes | None]:
        """Return the sample of an inference that has just ended, and its framed ``RESULT``.

        There is no result if the output was not read, or thirty went out within a second.
        """
        finished_ns = clock_ns()
        sequence, self._sequence = self._sequence, (self._sequence + 1) & 0xFFFF_FFFF
        result = None
        if recognition.post_ns:
            self.numbers.entries = tuple(
                (label_of(labels, one.index), one) for one in recognition.entries
            )
            if self._may_send(finished_ns):
                result = frame_result(recognition, sequence, generation)
        sample = Sample(
            sequence=sequence,
            generation=generation,
            captured_ns=captured_ns,
            finished_ns=finished_ns,
            camera_ns=camera_ns,
            convert_ns=recognition.convert_ns,
            infer_ns=recognition.infer_ns,
            post_ns=recognition.post_ns,
            draw_ns=self.numbers.draw_ns,
            result=NO_RESULT if result is None else sequence,
            temperature=round(self._battery.celsius * 10),
            flags=flags,
        )
        if not flags & FLAG_FIRST:
            self.numbers.add(sample)
        return sample, result

    def _may_send(self, now_ns: int) -> bool:
        times = self._result_times
        if len(times) == RESULTS_PER_S and now_ns - times[0] < 10**9:
            return False
        times.append(now_ns)
        return True
