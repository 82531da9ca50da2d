"""From the name of a model to what can be sent to a phone, built first if need be."""

from typing import TYPE_CHECKING

from engine.catalog.variants import ModelName
from engine.deploy import Payload
from engine.jobs import CancelToken, Report
from engine.measuring.sweep import Resolve
from engine.models.converter import build_model
from engine.models.finding import Found, find_model
from engine.models.inspector import check_runnable, inspect_model
from engine.models.labels import read_labels
from engine.models.store import ModelStore

if TYPE_CHECKING:
    from engine.models.worker import Workers


def resolver(workers: "Workers", store: ModelStore | None = None) -> Resolve:
    """Return what finds each model of a sweep, and builds variants that are not there.

    Args:
        workers: Where TensorFlow is warm.
        store: Where models are kept; the lab's own by default.
    """

    def resolve(model: str, report: Report, cancel: CancelToken) -> Payload:
        kept = store or ModelStore()
        found = find_model(model, kept)
        if isinstance(found, ModelName):
            name, built = (
                str(found),
                build_model(found, store=kept, workers=workers, report=report, cancel=cancel),
            )
            found = Found(built, name)
        facts = inspect_model(found.path)
        check_runnable(facts)
        labels = read_labels(found.labels) if found.labels is not None else facts.labels
        return Payload(found.path, tuple(labels), found.name or facts.name, facts.untrained)

    return resolve
