"""Each thing that goes wrong is one sentence in the terminal, and nothing is lost by it.

What is tested elsewhere: a phone that leaves at each step of a deploy, in a run and in the
mirror (``test_line``, ``test_mirror``), and a second lab on the link (``test_line``).
"""

import socket
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

SHARED = Path(__file__).parents[2].parent / "shared"
MODEL = SHARED / "models" / "mobilenet_v1_0.5_160_quant.tflite"
UNLABELLED = SHARED / "models" / "mobilenet_v1_0.5_128_quant.tflite"
PHOTOS = SHARED / "pictures" / "photos"
WAIT_S = 60

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


@pytest.fixture
def phone(adb, start_phone):
    """A virtual phone in the list of this adb server."""
    program = start_phone("--camera", str(PHOTOS))
    assert "connected to" in adb.run("connect", program.serial).out
    yield program
    adb.run("disconnect", program.serial)


@pytest.fixture
def stranger():
    """``stranger(answer)``: a program that is no adb server, on a port of its own."""
    listeners = []

    def listen(answer):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(answer)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        return str(listener.getsockname()[1])

    yield listen
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def the_sentence(said):
    """Return what was said after the steps; it must be one line and nothing on stdout."""
    out, err = said
    assert out == ""
    steps = {"model", "build", "sign", "push", "install", "grant", "start", "linked"}
    (sentence,) = [line for line in err.splitlines() if line not in steps]
    return sentence


def test_an_adb_program_that_is_missing(make_lab):
    with socket.socket() as held:  # bound, but nobody listens
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        lab = make_lab(ADBUTILS_ADB_PATH="/no/such/adb", ANDROID_ADB_SERVER_PORT=port)
        said = the_sentence(lab.run("phones", code=2))
    assert "/no/such/adb cannot be started" in said


def test_an_adb_program_that_does_not_start_a_server(make_lab):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        lab = make_lab(ADBUTILS_ADB_PATH="/bin/false", ANDROID_ADB_SERVER_PORT=port)
        said = the_sentence(lab.run("phones", code=2))
    assert f"No adb server runs on port {port} and none could be started" in said


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(b"HTTP/1.1 400 Bad Request\r\n", "not an adb server"), (b"", "hung up twice")],
)
def test_a_port_of_adb_that_another_program_holds(make_lab, stranger, answer, sentence):
    port = stranger(answer)
    lab = make_lab(ANDROID_ADB_SERVER_PORT=port)
    said = the_sentence(lab.run("phones", code=2))
    assert sentence in said
    assert f"port {port}" in said.lower()


def test_a_port_that_another_virtual_phone_holds(lab, phone):
    port = phone.serial.partition(":")[2]
    said = the_sentence(lab.run("virtual-phone", "--port", port, code=2))
    assert f"Port {port} is in use" in said


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "There is no picture in the camera folder"),
        (lambda folder: (folder / "a.png").write_bytes(b"\x89PNG"), "can be read"),
        (lambda folder: folder.rmdir(), "There is no camera folder"),
    ],
    ids=["empty", "unreadable", "missing"],
)
def test_a_camera_folder_that_is_of_no_use(lab, tmp_path, make, sentence):
    folder = tmp_path / "camera"
    folder.mkdir()
    make(folder)
    said = the_sentence(lab.run("virtual-phone", "--camera", folder, code=2))
    assert sentence in said
    assert str(folder) in said


def test_a_phone_that_waits_to_be_allowed_is_deployed_to_once_it_is(lab, adb, start_phone):
    program = start_phone("--ask")
    adb.run("connect", program.serial)
    for command in (["deploy", MODEL], ["mirror", "--screenshot", lab.home / "a.png"]):
        lab.home.mkdir(exist_ok=True)
        said = the_sentence(lab.run(*command, "--phone", program.serial, code=2))
        assert "unauthorized" in said
        assert "tap Allow" in said
    program.tell("allow")
    adb.run("-s", program.serial, "wait-for-device")
    lab.run("deploy", MODEL, "--phone", program.serial)
    adb.run("disconnect", program.serial)


def test_a_phone_that_leaves_in_mid_push_keeps_the_app_it_had(lab, phone):
    lab.run("deploy", MODEL, "--name", "first")
    phone.tell("slow 500000")
    process = lab.start("deploy", MODEL, "--name", "second")
    assert any(line == "push\n" for line in process.stderr)
    phone.tell("unplug")
    out, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, out) == (2, "")
    assert "phone" in the_sentence((out, err))
    phone.tell("slow off")
    phone.tell("replug")
    assert "first" in lab.run("measure", "--seconds", "0.5", "--phone", phone.serial)[0]


def test_a_phone_without_room_refuses_and_keeps_the_app_it_had(lab, phone):
    lab.run("deploy", MODEL, "--name", "first")
    phone.tell("full")
    said = the_sentence(lab.run("deploy", MODEL, "--name", "second", code=2))
    assert "free" in said
    phone.tell("full off")
    assert "first" in lab.run("measure", "--seconds", "0.5")[0]


def test_an_app_that_another_lab_signed_is_not_replaced(lab, make_lab, phone):
    lab.run("deploy", MODEL, "--name", "first")
    said = the_sentence(make_lab("other").run("deploy", MODEL, code=2))
    assert "signed by someone else" in said
    assert "first" in lab.run("measure", "--seconds", "0.5")[0]


def test_an_app_that_another_lab_signed_is_replaced_where_that_is_asked_for(lab, make_lab, phone):
    assert lab.json("deploy", MODEL, "--name", "first", "--mend")["mended"] is None
    other = make_lab("other").json("deploy", MODEL, "--name", "second", "--mend")
    assert (other["mended"], other["model"]["name"]) == ("remove-old", "second")


def test_pictures_of_ones_own_are_named_where_they_are_of_no_use(lab, phone, tmp_path):
    said = the_sentence(lab.run("deploy", MODEL, "--pictures", tmp_path, code=2))
    assert "no PNG file" in said
    (tmp_path / "text.png").write_text("text")
    said = the_sentence(lab.run("deploy", MODEL, "--pictures", tmp_path, code=2))
    assert "text.png is not a PNG" in said


def test_a_model_that_cannot_be_used_is_refused_before_the_phone_is_touched(lab, phone, tmp_path):
    lab.run("deploy", MODEL, "--name", "first")
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(MODEL.read_bytes()[:200_000])
    assert "cut short" in the_sentence(lab.run("deploy", cut, code=2))
    labels = tmp_path / "labels.txt"
    labels.write_text("road\nnot road\n")
    said = the_sentence(lab.run("deploy", MODEL, "--labels", labels, code=2))
    assert "1001 classes, but 2 labels" in said
    assert "first" in lab.run("measure", "--seconds", "0.5")[0]


def test_a_model_without_labels_is_deployed_and_its_classes_go_by_number(lab, phone):
    deployed = lab.json("deploy", UNLABELLED)
    assert deployed["model"]["labels"] == []
    out, _ = lab.run("model", "run", UNLABELLED, PHOTOS / "hot_dog.jpg")
    assert "class 935" in out


def test_a_deploy_by_a_second_lab_ends_the_first_ones_run_and_keeps_it(lab, phone):
    lab.run("deploy", MODEL)
    process = lab.start("measure", "--seconds", "60")
    assert any(line == "measure\n" for line in process.stderr)
    lab.run("deploy", MODEL)
    out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 2, out + err
    assert "The run ended early" in err
    (run,) = lab.json("runs", "list")
    assert run["end"] == "link lost"
    assert run["sample_count"] > 0
