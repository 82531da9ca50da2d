"""The lab reads a compiled manifest by itself."""

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.apk.archive import ArchiveReader
from engine.apk.manifest import PREVIEW_SDK, Manifest, parse_manifest, read_manifest
from engine.errors import LabError


@pytest.mark.parametrize("utf8", [False, True])
def test_package_version_and_levels_are_read(make_manifest, utf8):
    data = make_manifest(package="org.beispiel.straße", code=41, name="1.2-β", utf8=utf8)

    assert parse_manifest(data) == Manifest(
        package="org.beispiel.straße",
        version_code=41,
        version_name="1.2-β",
        min_sdk=24,
        target_sdk=35,
        debuggable=False,
        permissions=("android.permission.CAMERA",),
    )


@pytest.mark.parametrize(
    ("length", "utf8"),
    [
        *((length, True) for length in (127, 128, 300, 32767)),  # UTF-8 ends there
        *((length, False) for length in (127, 128, 32767, 32768, 40000)),
    ],
)
def test_long_texts_are_read_whole(make_manifest, utf8, length):
    name = "v" * length

    assert parse_manifest(make_manifest(name=name, utf8=utf8)).version_name == name


@pytest.mark.parametrize("debuggable", [True, False, None])
def test_only_an_app_that_says_so_is_debuggable(make_manifest, debuggable):
    assert parse_manifest(make_manifest(debuggable=debuggable)).debuggable is (debuggable is True)


def test_what_is_not_said_has_androids_defaults(make_xml):
    manifest = parse_manifest(make_xml([(0, "manifest", {"package": "a.b"})]))

    assert manifest == Manifest("a.b", 0, "", 1, 1, debuggable=False, permissions=())


def test_elements_of_the_same_name_elsewhere_are_not_taken(make_xml):
    data = make_xml(
        [
            (0, "manifest", {"package": "a.b"}),
            (1, "application", {}),
            (2, "uses-sdk", {"minSdkVersion": 99}),
            (2, "activity", {"debuggable": True}),
        ]
    )

    assert parse_manifest(data).min_sdk == 1
    assert not parse_manifest(data).debuggable


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [(0, "manifest", {})],
        [(0, "manifest", {"package": "a.b", "versionCode": "seven"})],
    ],
)
def test_a_manifest_that_lacks_what_matters_is_refused(make_xml, elements):
    with pytest.raises(ValueError, match=r"names no package|is not a number"):
        parse_manifest(make_xml(elements))


def test_a_manifest_cut_off_anywhere_is_refused(make_manifest):
    data = make_manifest()

    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"\w"):
            parse_manifest(data[:length])


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_manifest_is_read_or_refused(make_manifest, data):
    whole = bytearray(make_manifest(utf8=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))

    try:
        parsed = parse_manifest(bytes(whole))
    except ValueError:
        return
    assert parsed.package


def test_a_preview_of_android_is_above_every_version(make_manifest):
    assert parse_manifest(make_manifest(min_sdk="VanillaIceCream")).min_sdk == PREVIEW_SDK
    assert parse_manifest(make_manifest(min_sdk="24")).min_sdk == 24


@given(st.binary(max_size=200))
def test_garbage_is_refused(data):
    with pytest.raises(ValueError, match=r"\w"):
        parse_manifest(data)


def test_an_apk_without_a_manifest_is_named(tmp_path):
    path = tmp_path / "a.apk"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("classes.dex", b"")

    with ArchiveReader(path) as apk, pytest.raises(LabError, match=r"no AndroidManifest\.xml"):
        read_manifest(apk)


def test_an_apk_with_a_text_manifest_is_named(tmp_path):
    path = tmp_path / "a.apk"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AndroidManifest.xml", "<manifest package='a.b'/>")

    with ArchiveReader(path) as apk, pytest.raises(LabError, match="manifest cannot be read"):
        read_manifest(apk)
