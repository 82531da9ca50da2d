"""What the lab asks the app to run on is what it runs on: each source, camera, fit and task."""

from queue import SimpleQueue

import pytest

from engine.apk.pictures import shipped_pictures
from engine.deploy import Payload, deploy, swap
from engine.link.messages import LinkLost, Result
from engine.measuring.run import MeasureOptions, measure
from engine.models.interpreter import HostModel
from engine.models.pictures import read_picture
from engine.phones.adb import Adb
from engine.records.database import Database
from engine.records.values import End, Flag
from engine.session import Session, SessionOptions
from tests.system.test_line import SHARED

pytestmark = pytest.mark.system

MODELS = SHARED / "models"
SMALL = MODELS / "mobilenet_v1_0.25_128_quant.tflite"
EMBEDDING = MODELS / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
DETECTOR = MODELS / "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
WAIT_S = 30
SHORT = {"seconds": 0.5}

if not SMALL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


@pytest.fixture
def session(adb, program, home, monkeypatch):
    """A session with an app that has just got SMALL and shows the pictures of its APK."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(home))
    options = SessionOptions(mirror=False, link=False)
    opened = Session(Adb(adb.port), program.serial, SimpleQueue(), options)
    opened.open()
    deploy(opened, Payload(SMALL, (), "small", untrained=False, source="pictures"))
    yield opened
    opened.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


def results(link, count):
    """The next results of the model that runs."""
    inbox, found = SimpleQueue(), []
    with link.listening(inbox.put):
        while len(found) < count:
            event = inbox.get(timeout=WAIT_S)
            assert not isinstance(event, LinkLost)
            if isinstance(event, Result) and event.generation == link.model.generation:
                found.append(event)
    return found


def test_the_pictures_of_the_apk_come_in_order_round_and_round(session):
    count = session.link.hello.pictures
    assert count == len(shipped_pictures()) > 1
    first, *others = results(session.link, 2 * count)
    for each in others:  # not each sample has a result, but each has its picture
        assert (each.picture - first.picture) % count == (each.sequence - first.sequence) % count
        assert 1 <= each.picture <= count


def test_what_the_app_sees_in_a_picture_is_what_this_computer_sees(session):
    with HostModel(SMALL) as host:
        for seen in results(session.link, 4):
            picture = read_picture(shipped_pictures()[seen.picture - 1])
            expected = host.predict(picture)
            assert [each.index for each in seen.entries] == [
                each.index for each in expected.entries
            ]
            assert [each.score for each in seen.entries] == pytest.approx(
                [each.score for each in expected.entries], abs=1e-6
            )


@pytest.mark.parametrize(
    ("wishes", "source", "camera"),
    [
        ({"source": "camera", "camera": "front"}, "camera", "front"),
        ({"camera": "back"}, "camera", "back"),
        ({"source": "pictures"}, "pictures", ""),
        ({"source": "loop", "threads": 2}, "loop", ""),
    ],
)
def test_a_run_is_fed_as_asked_and_says_so(session, database, wishes, source, camera):
    if "source" not in wishes:
        session.link.set(source="camera")
    record = measure(session, MeasureOptions(**SHORT, **wishes), database=database)
    assert record.row.end is End.COMPLETED
    facts = record.row.facts
    assert (facts.source, facts.camera, facts.fit) == (source, camera, "crop")
    assert facts.app_debuggable is False
    if "threads" in wishes:
        assert (facts.threads, facts.threads_asked) == (2, 2)
    if source == "loop":
        assert record.samples["convert_ns"].max() == 0
    else:
        assert record.samples["convert_ns"].min() > 0


def test_a_delegate_that_cannot_work_is_refused_with_its_reason(session, database):
    record = measure(session, MeasureOptions(**SHORT, delegate="nnapi"), database=database)
    facts = record.row.facts
    assert (facts.delegate, facts.delegate_applied) == ("nnapi", "xnnpack")
    assert facts.delegate_note
    assert Flag.DELEGATE_DIFFERS in record.row.flags
    record = measure(session, MeasureOptions(**SHORT, delegate="cpu"), database=database)
    assert (record.row.facts.delegate_applied, record.row.facts.delegate_note) == ("cpu", "")


def test_a_paused_app_is_measured_and_is_paused_afterwards(session, database):
    link = session.link
    link.set(paused=True)
    record = measure(session, MeasureOptions(**SHORT), database=database)
    assert len(record.samples) > 10
    assert link.state.paused


def test_an_embedding_says_its_vector_as_this_computer_does(session):
    swap(session, Payload(EMBEDDING, (), "vector", untrained=False))
    assert session.link.model.task == "embedding"
    (seen,) = results(session.link, 1)
    assert (seen.kind, seen.entries) == ("vector", ())
    with HostModel(EMBEDDING) as host:
        expected = host.predict(read_picture(shipped_pictures()[seen.picture - 1]))
    assert seen.vector.shape == expected.vector.shape
    assert seen.vector.tolist() == pytest.approx(expected.vector.tolist(), rel=1e-6)


@pytest.mark.parametrize("fit", ["", "letterbox"])
def test_a_detector_is_swapped_in_with_its_fit(session, fit):
    swap(session, Payload(DETECTOR, (), "boxes", untrained=False, fit=fit))
    assert session.link.model.task == "detection"
    assert session.link.model.fit == (fit or "stretch")
    (seen,) = results(session.link, 1)
    assert seen.kind == "boxes"
    with HostModel(DETECTOR, fit=fit) as host:
        expected = host.predict(read_picture(shipped_pictures()[seen.picture - 1]))
    assert [each.index for each in seen.entries] == [each.index for each in expected.entries]


def test_an_apk_brings_its_fit_and_pictures_of_ones_own(session):
    own = shipped_pictures()[2:4]
    payload = Payload(
        SMALL, (), "own", untrained=False, fit="stretch", source="pictures", pictures=own
    )
    link = deploy(session, payload).link
    assert (link.model.fit, link.hello.pictures, link.state.source) == ("stretch", 2, "pictures")
    assert {each.picture for each in results(link, 8)} == {1, 2}
    none = Payload(SMALL, (), "none", untrained=False, pictures=())
    link = deploy(session, none).link
    assert "pictures" not in link.hello.sources
