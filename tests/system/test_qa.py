"""A QA plan on two virtual phones at once, and what may happen to one of them."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from engine.deploy import Payload
from engine.errors import LabError
from engine.jobs import CancelToken
from engine.measuring.plan import ManualStep, Plan
from engine.measuring.presets import Preset
from engine.phones.adb import Adb
from engine.qa.asking import Answer, Mark, Question
from engine.qa.on_phone import News, OpenPhone, StepNews
from engine.qa.outcomes import Outcome
from engine.qa.result import QaResult, qa_result
from engine.qa.runner import run_plan
from engine.records.database import Database
from engine.records.report import ReportOf, write_report
from engine.records.values import End
from engine.session import Session, SessionOptions
from tests.system.conftest import BUNDLED, PhoneProgram
from tests.system.test_line import MODEL

pytestmark = pytest.mark.system

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)

SHORT = Preset("own", 0.5, 3.0, 100)
PLAN = Plan(
    "Two phones",
    (str(MODEL),),
    SHORT,
    limits={"median_ms": 1000.0, "apk_mb": 50.0},
    manual=(ManualStep("Look", "Look at it.", "A scene"),),
)


@dataclass
class Bench:
    """Two paced phones and a file of runs."""

    phones: list[PhoneProgram]
    adb: Adb
    path: Path
    news: list[News] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def open(self, serial: str) -> OpenPhone:
        @contextmanager
        def opened(cancel: CancelToken) -> Iterator[Session]:
            options = SessionOptions(mirror=False, awake=False)
            session = Session(self.adb, serial, SimpleQueue(), options)
            session.open(cancel)
            try:
                yield session
            finally:
                session.close()

        return opened

    def ask(self, question: Question, _cancel: CancelToken) -> Answer:
        self.questions.append(question)
        return Answer(Mark.PASS, f"seen on {question.serial}")

    def run(self, plan: Plan | None = PLAN, *, count: int = 2, **options: Any) -> QaResult:
        on_news = options.pop("on_news", lambda _news: None)

        def hear(news: News) -> None:
            self.news.append(news)
            on_news(news)

        serials = [each.serial for each in self.phones[:count]]
        with closing(Database(self.path)) as database:
            return run_plan(
                {serial: self.open(serial) for serial in serials},
                plan,
                resolve=lambda model, _report, _cancel: Payload(
                    Path(model), (), "m", untrained=False
                ),
                database=database,
                ask=options.pop("ask", self.ask),
                on_news=hear,
                **options,
            )


@pytest.fixture
def bench(adb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    for name, value in adb.environment.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    phones = [PhoneProgram("--pace", pace) for pace in ("pixel-3", "mi-a1")]
    server = Adb(adb.port)
    for phone in phones:
        server.connect(phone.serial)
    yield Bench(phones, server, tmp_path / "lab.sqlite")
    for phone in phones:
        server.disconnect(phone.serial)
        phone.end()


only_bundled = pytest.mark.parametrize("adb", [BUNDLED], indirect=True, ids=["bundled adb"])


def outcomes(result: QaResult) -> list[list[str]]:
    return [[step.outcome for step in phone.steps] for phone in result.phones]


@only_bundled
def test_two_phones_make_one_session_and_one_report(bench: Bench, tmp_path: Path) -> None:
    result = bench.run()
    assert outcomes(result) == [["PASS", "PASS"]] * 2, result.phones
    assert (result.finished, result.series.outcome) == (True, "PASS")
    assert result.plan == PLAN
    assert result.series.plan["sha256"] == PLAN.sha256
    for phone, program in zip(result.phones, bench.phones, strict=True):
        assert phone.fingerprint["serial"] == program.serial
        assert len(phone.fingerprint["apk_sha256"]) == 64
        assert {"soc", "android", "build", "abi", "ram_mb", "battery_c", "battery_saver",
                "airplane_mode", "app_version", "lab_version", "plan_sha256"} <= set(
            phone.fingerprint
        )  # fmt: skip
        assert phone.steps[1].comment == f"seen on {program.serial}"
        assert phone.steps[1].picture.startswith(b"\x89PNG")
    with closing(Database(bench.path)) as database:
        rows = database.runs(series_id=result.series.id)
        assert sorted((row.facts.serial, row.facts.block) for row in rows) == sorted(
            (phone.serial, block) for phone in bench.phones for block in (1, 2, 3)
        )
        what = ReportOf.series(result.series.id)
        (page,) = write_report(what, database, tmp_path / "out", mask_serials=True)
    text = page.read_text("utf-8")
    assert "PASS: Everything passed" in text
    assert not any(phone.serial in text for phone in bench.phones)

    # the next session on one phone is compared with this one
    again = bench.run(
        Plan("Again", PLAN.models, SHORT, baseline=result.series.id, limits={}), count=1
    )
    change = again.phones[0].steps[0].facts["verdicts"][-1]
    assert (change["name"], change["limit"]) == ("baseline", 5.0)
    assert change["low"] < change["high"] < 50


@only_bundled
def test_a_phone_that_leaves_does_not_stop_the_other_and_is_resumed(bench: Bench) -> None:
    left = bench.phones[0]

    def on_news(news: News) -> None:
        if isinstance(news, StepNews) and (news.serial, news.text) == (
            left.serial,
            "block 2 of 3",
        ):
            left.tell("in 0.3 unplug")

    result = bench.run(on_news=on_news, patience_s=1.5)
    assert outcomes(result) == [["ERROR", "ERROR"], ["PASS", "PASS"]]
    assert "did not come back" in result.phones[0].steps[0].comment
    assert (result.outcome, result.finished, result.series.outcome) == ("ERROR", False, "")
    left.tell("replug")
    bench.adb.connect(left.serial)
    before = len(bench.questions)
    result = bench.run(None, series_id=result.series.id)
    assert outcomes(result) == [["PASS", "PASS"]] * 2
    assert (result.finished, result.series.outcome) == (True, "PASS")
    assert [each.serial for each in bench.questions[before:]] == [left.serial]
    with closing(Database(bench.path)) as database:
        runs = database.runs(series_id=result.series.id)
        whole = [each for each in runs if each.end is End.COMPLETED]
        assert len(whole) == 6  # the block of before the fault was not measured again
    with pytest.raises(LabError, match="is finished"):
        bench.run(None, series_id=result.series.id)


@only_bundled
def test_cancel_aborts_what_was_not_done_and_keeps_the_rest(bench: Bench) -> None:
    token = CancelToken()

    def ask(_question: Question, cancel: CancelToken) -> Answer:
        token.cancel()
        cancel.wait(10)
        raise AssertionError

    result = bench.run(count=1, ask=ask, cancel=token)
    assert outcomes(result) == [["PASS", "ABORTED"]]
    assert (result.outcome, result.finished) == (Outcome.ABORTED, False)
    with closing(Database(bench.path)) as database:
        assert qa_result(database, result.series.id).outcome is Outcome.ABORTED


@only_bundled
def test_a_script_gets_the_exit_code_and_the_report(bench: Bench, lab, tmp_path: Path) -> None:
    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    serial = bench.phones[0].serial
    plan.write_text(
        f'title = "Script"\nmodels = ["{MODEL.as_posix()}"]\n'
        "preset = { min_s = 0.5, max_s = 3, min_count = 100 }\n"
        "[limits]\nmodel_mb = 0.5\n"
        '[[manual]]\ntitle = "Look"\ninstruction = "Look."\n'
    )
    told, _ = lab.run("qa", "run", plan, "--phone", serial, "--report", out, "--json", code=1)
    result = json.loads(told)
    assert result["outcome"] == "FAIL"
    steps = result["phones"][0]["steps"]
    assert [each["outcome"] for each in steps] == ["FAIL", "WARNING"]
    assert "there is no terminal" in steps[1]["comment"]
    assert sorted(each.suffix for each in out.iterdir()) == [".html", ".pdf", ".zip"]

    _, said = lab.run("qa", "run", plan, "--phone", "nobody", code=2)
    assert "There is no phone nobody." in said
