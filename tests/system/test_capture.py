"""Pictures of a class out of a phone's mirrored screen."""

import pytest

from engine.models.pictures import read_picture
from tests.system.test_line import SHARED

pytestmark = pytest.mark.system

SMALL = SHARED / "models" / "mobilenet_v1_0.25_128_quant.tflite"


@pytest.mark.parametrize("phone_program", ["14"], indirect=True)
def test_the_whole_screen_is_taken_until_the_app_is_in_front(phone, lab, tmp_path):
    if not SMALL.is_file():
        pytest.skip("the shared models are not here")
    phone("uninstall", "org.mobilenetlab.phone")  # of the other adb
    given = ("capture", "--phone", phone.serial, "-o", tmp_path)
    said = lab.json(*given, "--class", "home")
    assert "the app is not in front" in said["what"]
    whole = read_picture(tmp_path / "home" / "00001.jpg").shape
    lab.run("deploy", SMALL, "--phone", phone.serial)
    said = lab.json(*given, "--class", "🛣️ road", "--count", "3", "--interval", "0.1")
    assert said["what"] == "They show the camera's picture out of the lab's app."
    for path in sorted((tmp_path / "🛣️ road").iterdir()):
        height, width = read_picture(path).shape[:2]
        assert width == whole[1]
        assert height == pytest.approx(width * 3 / 4, abs=4)
    assert len(said["pictures"]) == 3
