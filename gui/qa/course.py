"""A session as it goes: what the phones tell, gathered for the page."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gui.qa.values import PhoneLine, QuestionShown, SessionShown, StepLine
from gui.qa.work import Asked, Seen

if TYPE_CHECKING:
    from engine.measuring.plan import Plan
    from engine.qa.on_phone import PhoneNews, StepNews


class Course:
    """Takes news and questions; ``shown`` is how the session stands. Belongs to the GUI thread."""

    def __init__(self, plan: "Plan", serials: Sequence[str], names: Mapping[str, str]) -> None:
        """Begin with every step waiting."""
        self.plan = plan
        self.series_id = 0
        self.share = 0.0
        self.questions: list[Asked] = []
        self._screens: dict[str, bytes] = {}
        steps = tuple(StepLine(each.number, each.title) for each in plan.steps)
        self._phones = {
            serial: PhoneLine(serial, names.get(serial, ""), steps) for serial in serials
        }

    def take_phone(self, news: "PhoneNews") -> None:
        """Take how far a phone is."""
        phone = self._phones[news.serial]
        self._phones[news.serial] = phone._replace(
            name=news.name or phone.name, share=news.fraction, text=news.text
        )
        if news.over:
            self.questions = [e for e in self.questions if e.question.serial != news.serial]

    def take_step(self, news: "StepNews") -> None:
        """Take how a step stands."""
        phone = self._phones[news.serial]
        steps = tuple(
            each._replace(state=news.state, outcome=str(news.outcome or ""), text=news.text)
            if each.number == news.number
            else each
            for each in phone.steps
        )
        self._phones[news.serial] = phone._replace(steps=steps)

    def take_question(self, asked: Asked) -> None:
        """Take a question; it waits behind those that came before."""
        self._screens.pop(asked.question.serial, None)
        self.questions.append(asked)

    def take_screen(self, seen: Seen) -> bool:
        """Take a phone's screen; whether it is that of the question in front."""
        self._screens[seen.serial] = seen.screen
        front = self.questions[0] if self.questions else None
        return front is not None and front.question.serial == seen.serial

    def answered(self) -> Asked | None:
        """Return the question in front, which is then no longer asked."""
        return self.questions.pop(0) if self.questions else None

    def shown(self) -> SessionShown:
        """Return how it stands."""
        return SessionShown(
            series_id=self.series_id,
            title=self.plan.title,
            phones=tuple(self._phones.values()),
            running=True,
            gated=self.plan.start_c is not None,
        )

    def question(self) -> QuestionShown | None:
        """Return the question in front; None where none waits."""
        if not self.questions:
            return None
        asked = self.questions[0].question
        manual = asked.step.manual
        return QuestionShown(
            serial=asked.serial,
            phone=asked.phone,
            number=asked.step.number,
            title=asked.step.title,
            instruction=manual.instruction if manual else "",
            expects=manual.expects if manual else "",
            picture=str(asked.picture) if asked.picture else "",
            screen=self._screens.get(asked.serial, b""),
            waiting=len(self.questions) - 1,
        )
