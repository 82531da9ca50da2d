"""An evaluation as the records keep it: how often a model was right on which pictures."""

from engine.accuracy.evaluation import TOP, Evaluation
from engine.records.values import Judged, utc_now


def judged_of(evaluation: Evaluation, name: str = "") -> Judged:
    """Return what to remember of an evaluation; see ``Database.record_judged``.

    Args:
        evaluation: On a person's own pictures.
        name: What the model is called where that is not its file's name.
    """
    return Judged(
        model_sha256=evaluation.model_sha256,
        name=name or evaluation.model,
        folder=str(evaluation.pictures.folder),
        pictures=evaluation.n,
        top1=evaluation.top1.hits,
        top5=evaluation.top5.hits if evaluation.classes > TOP else None,
        preprocessing=evaluation.preprocessing,
        utc=utc_now(),
    )
