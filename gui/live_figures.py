"""The figures of what runs now: asks ``engine.measuring`` twice a second, hands them on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.live_charts import LiveCharts
from gui.recognised import Answer

if TYPE_CHECKING:
    from engine.link.messages import AppModel, Result, Samples

INTERVAL_MS = 500
WINDOW_S = 30.0
RATE_S = 1.0
RESULT_MS = 200
"""Labels change at most so often: people must be able to read them."""


class LiveFigures(QObject):
    """Keeps what belongs to the model that runs; samples of another one never count."""

    latency_changed = Signal(object, object, int)  # median ms, half the interval ms, count
    rates_changed = Signal(object, object)  # pipeline fps, engine fps
    recognised = Signal(object)  # Answer or None

    def __init__(self, charts: LiveCharts, parent: QObject | None = None) -> None:
        """Feed these charts."""
        super().__init__(parent)
        self._charts = charts
        self.model: AppModel | None = None
        self._result: Result | None = None
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.tell)
        self._words = QTimer(self, interval=RESULT_MS)
        self._words.timeout.connect(self._tell_result)

    def clear(self, text: str = "") -> None:
        """Forget the model: another phone, or the app went."""
        self._timer.stop()
        self._words.stop()
        self.model = self._result = None
        if text:
            self._charts.clear(text)
        else:
            self._charts.clear()
        self.latency_changed.emit(None, None, 0)
        self.rates_changed.emit(None, None)
        self.recognised.emit(None)

    def take_model(self, model: "AppModel") -> None:
        """Begin anew with a model, or with other threads or another delegate."""
        if self.model is None or self.model.generation != model.generation:
            self.clear("Waiting for the first picture")
        self.model = model
        self._timer.start()
        self._words.start()

    def begin_anew(self) -> None:
        """Forget the samples: the same model gets its pictures from elsewhere from now on."""
        model = self.model
        if model is not None:
            self.clear("Waiting for the first picture")
            self.take_model(model)

    def take_samples(self, samples: "Samples") -> None:
        """Take samples of the model that runs."""
        if self.model is None:
            return
        array = samples.array[samples.array["generation"] == self.model.generation]
        if len(array):
            self._charts.add_samples(array)

    def take_result(self, result: "Result") -> None:
        """Take what was recognised; the newest is shown."""
        if self.model is not None and result.generation == self.model.generation:
            self._result = result

    def tell(self) -> None:
        """Tell the figures of the last 30 s, and the rates of the last second."""
        from engine.measuring.statistics import summarise_samples
        from gui.live.work import stages_of

        held = self._charts.held(WINDOW_S)
        if held is None or not len(held):
            self.rates_changed.emit(None, None)
            return
        summary = summarise_samples(held)
        half = None
        if summary.interval_ms is not None:
            half = (summary.interval_ms[1] - summary.interval_ms[0]) / 2
        self.latency_changed.emit(summary.median_ms, half, summary.count)
        second = self._charts.held(RATE_S)
        if second is None or len(second) < 2:
            second = held[-2:]
        now = summarise_samples(second, warm_up=0)
        self._charts.show_rates(now.pipeline_fps or 0.0, now.engine_fps)
        self._charts.show_usual_rates(summary.pipeline_fps, summary.engine_fps)
        self._charts.show_stages(stages_of(summary))
        self.rates_changed.emit(summary.pipeline_fps, summary.engine_fps)

    def _tell_result(self) -> None:
        result, self._result = self._result, None
        if result is None or self.model is None:
            return
        from engine.models.labels import label_of

        named = tuple(
            (label_of(self.model.labels, each.index), each.score) for each in result.entries
        )
        answer = Answer(result.kind, named, self.model.untrained, result.picture)
        if result.vector is not None:
            squares = float((result.vector.astype("float64") ** 2).sum())
            answer = answer._replace(length=len(result.vector), norm=squares**0.5)
        self.recognised.emit(answer)
