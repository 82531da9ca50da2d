"""What goes wrong on the phone is named by the lab, and never a hang."""

import re

import pytest

from tests.system.test_line import LABELS, MODEL, PHOTOS

pytestmark = pytest.mark.system

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


@pytest.fixture
def phone(adb, start_phone):
    program = start_phone("--camera", str(PHOTOS))
    assert "connected to" in adb.run("connect", program.serial).out
    yield program
    adb.run("disconnect", program.serial)


DEPLOY = ("deploy", MODEL, "--labels", LABELS)
MIRROR = ("mirror", "--screenshot", "phone.png")


def test_a_phone_that_answers_nothing_is_named_until_it_does(lab, phone):
    assert phone.tell("offline") == {"ok": True, "command": "offline", "offline": True}
    (listed,) = lab.json("phones")
    assert listed["state"] in ("offline", "connecting")
    _, err = lab.run("measure", "--phone", phone.serial, code=2)
    assert re.search("does not answer|being connected|No phone answers", err), err
    phone.tell("offline off")
    lab.run(*DEPLOY, "--phone", phone.serial)


@pytest.mark.parametrize(
    ("command", "service", "sentence"),
    [
        (DEPLOY, "shell", "left in the middle"),
        (DEPLOY, "exec:", "refused the app"),
        (DEPLOY, "localabstract:mobilenet_lab", "not the lab's app"),
        (MIRROR, "sync:", "took too long"),
        (MIRROR, "localabstract:scrcpy", "not what was expected"),
    ],
)
def test_noise_from_the_phone_is_one_sentence_and_the_next_try_works(
    lab, phone, tmp_path, command, service, sentence
):
    command = [tmp_path / word if word == "phone.png" else word for word in command]
    assert phone.tell(f"garbage {service}")["ok"]
    _, err = lab.run(*command, code=2)
    assert re.search(sentence, err.splitlines()[-1]), err
    lab.run(*command)


def test_noise_needs_a_service(phone):
    assert not phone.tell("garbage")["ok"]
    assert phone.tell("garbage off")["ok"]
