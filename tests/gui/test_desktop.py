"""The desktop knows the lab by one id: entry, metainfo, icons and window agree."""

import configparser
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QImage

from gui.app import APP_ID

ROOT = Path(__file__).parents[2]
DESKTOP = ROOT / "packaging" / "desktop"
ICONS = ROOT / "assets" / "icons"


def test_entry_metainfo_and_icons_carry_the_same_id():
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(DESKTOP / f"{APP_ID}.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Icon"] == APP_ID
    assert entry["Desktop Entry"]["StartupWMClass"] == APP_ID
    component = ET.parse(DESKTOP / f"{APP_ID}.metainfo.xml").getroot()
    assert component.findtext("id") == APP_ID
    assert component.findtext("launchable") == f"{APP_ID}.desktop"
    assert (ICONS / f"{APP_ID}.svg").is_file()


@pytest.mark.parametrize("size", [16, 32, 48, 64, 128, 256, 512])
def test_each_icon_has_the_size_of_its_name(size):
    image = QImage(str(ICONS / f"{APP_ID}-{size}.png"))
    assert (image.width(), image.height()) == (size, size)


def test_the_metainfo_is_valid():
    program = shutil.which("appstreamcli")
    if program is None:
        pytest.skip("appstreamcli is not here")
    done = subprocess.run(
        [program, "validate", "--no-net", str(DESKTOP / f"{APP_ID}.metainfo.xml")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
