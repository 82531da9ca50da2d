"""Raw text becomes what happened and what to do."""

import pytest

from engine.errors import PhoneError, Remedy
from engine.phones.faults import NothingListensError, explain_adb, explain_install

WORDS = [
    "INSTALL_FAILED_USER_RESTRICTED",
    "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
    "INSTALL_FAILED_VERSION_DOWNGRADE",
    "INSTALL_FAILED_INSUFFICIENT_STORAGE",
    "INSTALL_FAILED_NO_MATCHING_ABIS",
    "INSTALL_FAILED_CPU_ABI_INCOMPATIBLE",
    "INSTALL_FAILED_OLDER_SDK",
    "INSTALL_FAILED_NEWER_SDK",
    "INSTALL_FAILED_TEST_ONLY",
    "INSTALL_FAILED_ALREADY_EXISTS",
    "INSTALL_FAILED_INVALID_APK",
    "INSTALL_FAILED_INVALID_URI",
    "INSTALL_FAILED_VERIFICATION_FAILURE",
    "INSTALL_FAILED_VERIFICATION_TIMEOUT",
    "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
    "INSTALL_PARSE_FAILED_NOT_APK",
]


@pytest.mark.parametrize("word", WORDS)
def test_each_known_refusal_has_a_sentence_and_advice(word):
    output = f"Failure [{word}: Package x: something]"
    error = explain_install(output)
    assert error.reason == word
    assert error.advice
    assert "INSTALL" not in str(error)
    assert error.detail == output


def test_a_refusal_that_is_not_known_is_quoted():
    error = explain_install("\nFailure [INSTALL_FAILED_MOON_PHASE]\n")
    assert error.reason == "INSTALL_FAILED_MOON_PHASE"
    assert "INSTALL_FAILED_MOON_PHASE" in str(error)


def test_a_full_phone_without_androids_word_is_explained():
    error = explain_install(
        "Error: java.io.IOException: Requested internal only, but not enough space"
    )
    assert "no room" in error.what


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("device unauthorized.", "not allowed this computer"),
        ("device offline", "does not answer"),
        ("device 'abc' not found", "not connected"),
        ("no permissions (user in plugdev group)", "may not open the phone's USB port"),
        ("more than one device/emulator", "More than one phone"),
        ("adb server version (41) doesn't match this client (39); killing...", "different version"),
        ("protocol fault (no status)", "adb server went away"),
        (ConnectionRefusedError(), "No adb server"),
        (ConnectionResetError(), "adb server went away"),
        (TimeoutError(), "took too long"),
        (EOFError(), "phone left"),
        ("cannot frobnicate", "adb refused: cannot frobnicate"),
    ],
)
def test_each_complaint_of_adb_is_explained(trouble, sentence):
    error = explain_adb(trouble, "abc")
    assert sentence in str(error)
    assert error.advice
    assert error.detail.startswith("abc: ")


def test_closed_means_that_nobody_listens():
    assert isinstance(explain_adb("closed"), NothingListensError)
    assert not isinstance(explain_adb("device offline"), NothingListensError)


def test_an_explained_error_is_not_explained_again():
    error = PhoneError("once")
    assert explain_adb(error) is error


def test_noise_from_a_phone_is_no_part_of_the_sentence():
    error = explain_install("\x00p\x1b[31m\x07oops " + "x" * 500)
    assert str(error).isprintable()
    assert len(str(error)) < 250


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("INSTALL_FAILED_USER_RESTRICTED", Remedy.OPEN_SETTINGS),
        ("INSTALL_FAILED_UPDATE_INCOMPATIBLE", Remedy.REMOVE_OLD),
        ("INSTALL_FAILED_VERSION_DOWNGRADE", Remedy.REMOVE_OLD),
        ("INSTALL_FAILED_INSUFFICIENT_STORAGE", Remedy.FREE_SPACE),
        ("INSTALL_FAILED_NO_MATCHING_ABIS", Remedy.BUILD_FOR_PHONE),
        ("INSTALL_FAILED_OLDER_SDK", None),  # no click makes an old phone new
        ("INSTALL_FAILED_ABORTED", Remedy.TRY_AGAIN),
        ("INSTALL_FAILED_VERIFICATION_TIMEOUT", Remedy.OPEN_SETTINGS),
        ("INSTALL_PARSE_FAILED_NO_CERTIFICATES", Remedy.BUILD_FOR_PHONE),
    ],
)
def test_each_refusal_names_the_button_that_mends_it(word, remedy):
    assert explain_install(f"Failure [{word}: something]").remedy is remedy


def test_an_apk_for_a_preview_of_android_is_built_anew():
    error = explain_install(
        "Failure [INSTALL_FAILED_OLDER_SDK: Requires development platform VanillaIceCream but "
        "this is a release platform.]"
    )
    assert "preview" in error.what
    assert error.remedy is Remedy.BUILD_FOR_PHONE


@pytest.mark.parametrize("remedy", Remedy)
def test_each_remedy_has_a_button(remedy):
    assert remedy.label
