"""What came of a QA session: outcome, steps, comments, pictures; phone by phone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.records.document.content import Big, Block, Heading, Headline, KeyValues, Picture
from engine.records.document.content import Step as ShownStep
from engine.records.pages.facts import fact_rows
from engine.records.pages.pictures import small_png
from engine.records.pages.words import phone_name
from engine.records.values import RunRow, Series, Step

STATES: Final = {
    "PASS": "ok",
    "WARNING": "warn",
    "FAIL": "fail",
    "ERROR": "fail",
    "ABORTED": "fail",
}
FINGERPRINT: Final = "fingerprint"
"""The kind of a step that tells what a phone is; nobody judges it."""
LEFT_OUT: Final = ("verdicts", "decided", "answer", "model_sha256")
"""Facts of a step that are told otherwise."""
WORST_FIRST: Final = ("FAIL", "ERROR", "ABORTED", "WARNING", "PASS")
WORDS: Final = {
    "PASS": "Everything passed",
    "WARNING": "Passed with warnings",
    "FAIL": "Not passed",
    "ERROR": "Not decided: something could not be measured",
    "ABORTED": "Not decided: it was ended before its time",
}


def session_headline(series: Series, steps: Sequence[Step], note: str) -> Headline:
    """Return how the session ended and how many steps came to what."""
    last = last_of_each(steps)
    counts = Counter(each.outcome for each in last)
    worst = next((each for each in WORST_FIRST if counts[each]), "")
    outcome = series.outcome.upper() if series.outcome.upper() in STATES else worst
    phones = len({each.serial for each in last})
    where = f" on {phones} phones" if phones > 1 else ""
    told = ", ".join(f"{counts[each]} {each}" for each in WORST_FIRST if counts[each])
    reasons = tuple(
        f"{f'{each.serial}, step' if phones > 1 else 'Step'} {each.number}, {each.title}: "
        f"{each.outcome}" + (f" - {each.comment}" if each.comment else "")
        for each in last
        if each.outcome not in ("PASS", "")
    )
    if not series.outcome:
        reasons = ("The session is not finished.", *reasons)
    done = f"{len(last)} step{'s' * (len(last) != 1)}{where}: {told}."
    return Headline(
        answer=done if last else "No step was done.",
        figures=tuple(
            Big(each, str(counts[each]), f"of {len(last)}", "steps")
            for each in ("PASS", "WARNING", "FAIL", "ERROR")
            if last
        ),
        state=STATES.get(outcome, "none") if series.outcome else "warn",
        verdict=f"{outcome}: {WORDS[outcome]}" if outcome in WORDS else "Not finished",
        reasons=reasons,
        note=note,
    )


def session_blocks(steps: Sequence[Step], rows: Sequence[RunRow]) -> list[Block]:
    """Return the steps in their order, phone by phone."""
    blocks: list[Block] = []
    names = {row.facts.serial: phone_name(row.facts.phone, row.facts.serial) for row in rows}
    for serial in dict.fromkeys(each.serial for each in steps):
        own = [each for each in steps if each.serial == serial]
        prints = [each.facts for each in own if each.kind == FINGERPRINT]
        name = names.get(serial) or (str(prints[-1].get("phone", "")) if prints else "")
        told = f"{name} ({serial})" if name and name != serial else serial
        blocks.append(Heading(f"Steps on {told or 'no phone'}"))
        judged = [each for each in own if each.kind != FINGERPRINT]
        blocks += [_step(each) for each in sorted(judged, key=lambda each: each.number)]
        if prints:
            blocks.append(Heading(f"Fingerprint of {told}"))
            blocks.append(KeyValues(fact_rows(prints[-1])))
    return blocks


def last_of_each(steps: Sequence[Step]) -> list[Step]:
    """Return the last word on each step of each phone; one that was done again counts once."""
    last = {(each.serial, each.number): each for each in steps if each.kind != FINGERPRINT}
    return sorted(last.values(), key=lambda each: (each.serial, each.number))


def _step(step: Step) -> ShownStep:
    picture = small_png(step.picture)
    shown = (Picture(picture, f"The phone's screen at step {step.number}"),) if picture else ()
    return ShownStep(
        number=step.number,
        title=step.title,
        outcome=step.outcome,
        state=STATES.get(step.outcome, "none"),
        comment=step.comment,
        facts=(*_verdicts(step.facts), *fact_rows(_told(step.facts))),
        pictures=shown,
    )


def _verdicts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each value against its limit, and what it came to."""
    found = facts.get("verdicts")
    verdicts = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        (str(each.get("title", "")), f"{each.get('outcome', '')}: {each.get('sentence', '')}")
        for each in verdicts
    ]


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in LEFT_OUT}
