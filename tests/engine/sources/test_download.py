"""Fetching a file from a server that fails in every way a server can."""

import gzip
import hashlib
import json

import pytest

from engine.errors import LabError
from engine.sources.download import Expected
from engine.sources.transport import Network, PassingError
from tests.engine.sources.serving import (
    CONTENT,
    HALF,
    NETWORK,
    SHA256,
    cut_off,
    left,
    md5_header,
    says,
    serves,
)


def test_a_file_comes_whole_and_nothing_else_stays(get, target):
    came = get()
    assert target.read_bytes() == CONTENT
    assert (came.path, came.size_bytes, came.sha256) == (target, len(CONTENT), SHA256)
    assert came.verified == "sha256"
    assert left(target) == ["file.tgz"]


def test_progress_says_how_much_and_how_fast(get):
    seen = []
    get(report=seen.append)
    assert {progress.step for progress in seen} == {"download"}
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("of 0.3 MB" in each.detail and "MB/s" in each.detail for each in seen)


def test_without_a_known_hash_the_publishers_counts(get, target):
    assert get(Expected()).verified == "md5 given by the publisher's server"
    assert target.read_bytes() == CONTENT


def test_an_md5_that_the_publisher_printed_counts(get):
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert get(Expected(md5=md5.upper())).verified == "md5 printed by the publisher"
    with pytest.raises(LabError, match="no longer the one that the lab knows"):
        get(Expected(md5="0" * 32))


@pytest.mark.parametrize("header", [None, "crc32c=AAAAAA==", "md5=!", "md5=AAAA", "md5", ",,"])
def test_a_file_that_nothing_vouches_for_is_not_fetched(get, file_server, target, header):
    headers = {"x-goog-hash": header} if header else {}
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    with pytest.raises(LabError, match="Nobody says what the file's hash should be"):
        get(Expected())
    assert left(target) == []


def test_wrong_bytes_are_thrown_away(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, b"x" * len(CONTENT)))
    with pytest.raises(LabError, match="hash is wrong"):
        get()
    assert left(target) == []
    assert len(file_server.asked) == 1


def test_wrong_bytes_do_not_replace_an_older_file(get, file_server, target):
    target.write_bytes(b"older")
    file_server.answers.append(says(file_server, 200, {}, b"x" * len(CONTENT)))
    with pytest.raises(LabError):
        get()
    assert target.read_bytes() == b"older"


def test_a_file_that_the_publisher_changed_is_told_apart_from_a_broken_one(get, file_server):
    file_server.answers.append(serves(file_server, CONTENT[::-1]))
    with pytest.raises(LabError, match="no longer the one that the lab knows"):
        get()


def test_bytes_that_do_not_fit_the_servers_own_hash_are_refused(get, file_server):
    headers = {"x-goog-hash": md5_header(b"other")}
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    with pytest.raises(LabError, match="hash is wrong"):
        get(Expected())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "no longer has the file"), (410, "no longer has the file"),
        (403, "refuses to give"), (401, "refuses to give"), (400, "refuses to give"),
        (407, "proxy asks for a name"), (204, "odd answer"), (304, "in circles"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_at_once(get, file_server, target, status, said):
    file_server.answers.append(says(file_server, status))
    with pytest.raises(LabError, match=said) as caught:
        get()
    assert str(status) in str(caught.value)
    assert len(file_server.asked) == 1
    assert left(target) == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_trouble_that_may_pass_is_tried_again(get, file_server, target, status):
    file_server.answers.append(says(file_server, status))
    seen = []
    get(report=seen.append)
    assert target.read_bytes() == CONTENT
    assert any("Trying again" in progress.detail for progress in seen)


def test_trouble_that_stays_is_told_after_the_last_try(get, file_server):
    file_server.answers.extend([says(file_server, 503)] * 3)
    with pytest.raises(PassingError, match="in trouble"):
        get()
    assert len(file_server.asked) == 1 + len(NETWORK.pauses_s)


def test_a_file_that_was_cut_off_is_continued(get, file_server, target):
    etag = f'"{hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()}"'
    file_server.answers.append(cut_off(file_server, etag=etag))
    get()
    assert target.read_bytes() == CONTENT
    _, headers = file_server.asked[1]
    assert (headers["Range"], headers["If-Range"]) == (f"bytes={HALF}-", etag)


def test_what_came_is_kept_for_the_next_time(get, file_server, target):
    file_server.answers.append(cut_off(file_server))
    with pytest.raises(PassingError, match=r"cut off after 0\.1 of 0\.3 MB"):
        get(network=Network((), loopback=True, pauses_s=()))
    assert left(target) == ["file.tgz.part", "file.tgz.part.json"]
    file_server.answers.append(serves(file_server, etag='"one"'))
    get()
    assert file_server.asked[1][1]["Range"] == f"bytes={HALF}-"
    assert left(target) == ["file.tgz"]


def test_a_continuation_shows_how_much_there_was(get, file_server):
    file_server.answers.extend([cut_off(file_server), serves(file_server, etag='"one"')])
    seen = []
    get(report=seen.append)
    after = [each.fraction for each in seen[1:] if each.fraction is not None]
    assert min(after) > 0.4


def test_a_file_that_changed_meanwhile_comes_anew(get, file_server, target):
    file_server.answers.extend([cut_off(file_server), serves(file_server, etag='"two"')])
    get()
    assert target.read_bytes() == CONTENT


def continues(server, start, etag='"one"'):
    total = len(CONTENT)
    headers = {"ETag": etag, "Content-Range": f"bytes {start}-{total - 1}/{total}"}
    return says(server, 206, headers, CONTENT[start:])


@pytest.mark.parametrize(("start", "etag"), [(HALF, '"two"'), (HALF - 1, '"one"'), (0, '"one"')])
def test_a_continuation_of_something_else_is_not_glued_on(get, file_server, target, start, etag):
    file_server.answers.extend([cut_off(file_server), continues(file_server, start, etag)])
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[2][1]


def test_a_part_nobody_asked_for_is_not_taken_for_the_file(get, file_server, target):
    file_server.answers.append(continues(file_server, HALF))
    get()
    assert target.read_bytes() == CONTENT


def test_a_continuation_with_wrong_bytes_comes_anew(get, file_server, target):
    wrong = says(
        file_server,
        206,
        {"ETag": '"one"', "Content-Range": f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"},
        b"x" * HALF,
    )
    file_server.answers.extend([cut_off(file_server), wrong])
    get()
    assert target.read_bytes() == CONTENT


def test_a_server_with_nothing_to_follow_is_asked_for_everything(get, file_server, target):
    file_server.answers.extend([cut_off(file_server), says(file_server, 416)])
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[2][1]


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_sure_mark_a_file_is_not_continued(get, file_server, target, etag):
    file_server.answers.append(cut_off(file_server, etag=etag))
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[1][1]


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b"\xff", b'{"url": "other"}', b"[" * 99_999])
def test_a_damaged_note_of_a_part_means_beginning_anew(get, target, note):
    target.with_name("file.tgz.part").write_bytes(b"something")
    target.with_name("file.tgz.part.json").write_bytes(note)
    get()
    assert target.read_bytes() == CONTENT


def test_the_part_of_another_address_is_not_continued(get, file_server, target):
    target.with_name("file.tgz.part").write_bytes(CONTENT[:HALF])
    note = {"url": "http://elsewhere/file.tgz", "validator": '"one"'}
    target.with_name("file.tgz.part.json").write_text(json.dumps(note))
    get()
    assert "Range" not in file_server.asked[0][1]


def test_a_length_that_is_too_long_is_a_cut_off_file(get, file_server):
    headers = {"Content-Length": str(len(CONTENT) + 5)}
    file_server.answers.extend([says(file_server, 200, headers, CONTENT, length=False)] * 3)
    with pytest.raises(PassingError, match="cut off"):
        get(Expected(sha256=SHA256))


def test_a_length_that_is_too_short_is_a_wrong_file(get, file_server, target):
    headers = {"Content-Length": str(HALF)}
    file_server.answers.append(says(file_server, 200, headers, CONTENT, length=False))
    with pytest.raises(LabError, match="hash is wrong"):
        get(Expected(sha256=SHA256))
    assert left(target) == []


def test_a_length_that_is_not_the_expected_one_is_refused_before_a_byte_comes(get, file_server):
    file_server.answers.append(serves(file_server, CONTENT + b"more"))
    with pytest.raises(LabError, match="300004 bytes instead of 300000"):
        get()


@pytest.mark.parametrize("length", ["-5", "many", "", "1e5"])
def test_a_length_that_is_no_number_is_as_none(get, file_server, target, length):
    headers = {"Content-Length": length}
    file_server.answers.append(says(file_server, 200, headers, CONTENT, length=False))
    get()
    assert target.read_bytes() == CONTENT


def chunked(server, *, finish):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, HALF * 2, HALF // 3):
            block = CONTENT[at : at + HALF // 3]
            handler.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
        if finish:
            handler.wfile.write(b"0\r\n\r\n")

    return answer


def test_a_file_in_chunks_comes_whole(get, file_server, target):
    file_server.answers.append(chunked(file_server, finish=True))
    get()
    assert target.read_bytes() == CONTENT


def test_chunks_that_break_off_are_tried_again(get, file_server, target):
    file_server.answers.append(chunked(file_server, finish=False))
    get()
    assert target.read_bytes() == CONTENT
    assert len(file_server.asked) == 2


def test_a_file_of_unsaid_length_comes_whole(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, CONTENT, length=False))
    seen = []
    get(report=seen.append)
    assert target.read_bytes() == CONTENT


def test_a_file_of_unsaid_length_that_broke_off_is_tried_again(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, CONTENT[:HALF], length=False))
    get()
    assert target.read_bytes() == CONTENT


def test_a_file_far_too_big_is_refused(get, file_server, target):
    small = Network((), loopback=True, max_bytes=HALF)
    with pytest.raises(LabError, match="cannot be meant"):
        get(Expected(sha256=SHA256), network=small)
    file_server.answers.append(says(file_server, 200, {}, CONTENT, length=False))
    with pytest.raises(LabError, match="cannot be meant"):
        get(Expected(sha256=SHA256), network=small)
    assert left(target) == []


def test_a_file_for_which_there_is_no_room_is_not_begun(get, file_server, target):
    endless = Network((), loopback=True, max_bytes=1 << 62)
    headers = {"Content-Length": str(1 << 60)}
    file_server.answers.append(says(file_server, 200, headers, b"x", length=False))
    with pytest.raises(LabError, match=r"needs 1152921504607 MB; \d+ MB are free"):
        get(Expected(sha256=SHA256), network=endless)
    assert left(target) == []


def test_a_packed_answer_is_taken_as_the_publisher_stored_it(get, file_server, target):
    headers = {"Content-Encoding": "gzip"}  # some servers say so of each .tgz
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    get()
    assert target.read_bytes() == CONTENT
    assert file_server.asked[0][1]["Accept-Encoding"] == "identity"


def test_somebody_who_packs_the_file_on_the_way_is_told(get, file_server):
    headers = {"Content-Encoding": "gzip"}
    file_server.answers.append(says(file_server, 200, headers, gzip.compress(CONTENT)))
    with pytest.raises(LabError, match="repacks files on the way"):
        get(Expected(sha256=SHA256))


def test_a_web_page_is_not_taken_for_the_file(get, file_server, target):
    headers = {"Content-Type": "text/html; charset=utf-8"}
    file_server.answers.append(says(file_server, 200, headers, b"<html>Please log in"))
    with pytest.raises(LabError, match="web page instead of the file"):
        get()
    assert left(target) == []
