import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.labels import label_of, parse_labels, read_labels


@pytest.mark.parametrize(
    ("raw", "labels"),
    [
        (b"road\nnot road\n", ("road", "not road")),
        (b"road\r\nnot road", ("road", "not road")),
        ("\ufeffStraße\n猫\n\n".encode(), ("Straße", "猫")),
        (b"a\n\nb\n", ("a", "", "b")),
        (b"0  person\n1  bicycle\n3  car\n", ("person", "bicycle", "", "car")),
        (b"0: cat\n1: dog", ("cat", "dog")),
        (b"7 up\n3 men\n", ("7 up", "3 men")),
        (b"2020\n2021\n", ("2020", "2021")),
        (b"???\nperson\n???\ncar\n", ("person", "???", "car")),
    ],
)
def test_labels_are_read_by_line_or_by_number(raw, labels):
    assert parse_labels(raw) == labels


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xff\xfe\x00", b"a\0b", b"\x89PNG\r\n"])
def test_what_holds_no_labels_is_named(raw):
    with pytest.raises(LabError, match="labels file"):
        parse_labels(raw)


def test_a_labels_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(LabError, match=r"labels\.txt cannot be read"):
        read_labels(tmp_path / "labels.txt")


def test_the_file_is_named_when_it_is_empty(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(LabError, match=r"mine\.txt: The labels file is empty"):
        read_labels(tmp_path / "mine.txt")


def test_published_label_files_are_read(shared):
    assert len(read_labels(shared / "models/imagenet_labels.txt")) == 1001
    assert read_labels(shared / "models/coco_labels.txt")[:2] == ("person", "bicycle")


def test_a_class_without_a_label_goes_by_its_number():
    assert label_of(("cat", ""), 0) == "cat"
    assert label_of(("cat", ""), 1) == "class 1"
    assert label_of((), 7) == "class 7"
    assert label_of(("cat",), -1) == "class -1"


@given(st.binary(max_size=200))
def test_any_bytes_are_labels_or_a_sentence(raw):
    try:
        labels = parse_labels(raw)
    except LabError:
        return
    assert any(labels)


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), min_size=1))
def test_one_name_a_line_reads_back(names):
    assert parse_labels("\n".join(names).encode()) == tuple(names)
