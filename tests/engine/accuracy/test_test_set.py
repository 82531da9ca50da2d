import os

import pytest

from engine.accuracy.test_set import read_picture_set
from engine.errors import LabError

LABELS = ("background", "great white shark, white shark", "tiger cat", "school_bus")


def truths(found):
    return [(each.path.name, each.truth) for each in found.pictures]


def test_folders_are_classes_by_any_name_of_the_label(tmp_path, picture_file):
    picture_file(tmp_path / "White Shark" / "a.png")
    picture_file(tmp_path / "tiger-cat" / "b.png")
    picture_file(tmp_path / "school bus" / "deep" / "c.png")
    found = read_picture_set(tmp_path, LABELS, 4)
    assert truths(found) == [("a.png", 1), ("c.png", 3), ("b.png", 2)]
    assert found.how == "the folders' names"


def test_pictures_named_by_synset_and_class_need_no_folders(tmp_path, picture_file):
    picture_file(tmp_path / "n02123159_tiger_cat.png")
    picture_file(tmp_path / "n01484850_great_white_shark.png")
    assert truths(read_picture_set(tmp_path, LABELS, 4)) == [
        ("n01484850_great_white_shark.png", 1),
        ("n02123159_tiger_cat.png", 2),
    ]


def test_without_labels_the_folders_are_the_classes_in_order(tmp_path, picture_file):
    picture_file(tmp_path / "road" / "a.png")
    picture_file(tmp_path / "not_road" / "b.png")
    found = read_picture_set(tmp_path, (), 2)
    assert truths(found) == [("b.png", 0), ("a.png", 1)]
    assert found.labels == ("not_road", "road")


def test_pictures_of_a_class_that_the_model_lacks_are_left_out_and_counted(tmp_path, picture_file):
    picture_file(tmp_path / "tiger cat" / "a.png")
    picture_file(tmp_path / "zebra" / "b.png")
    picture_file(tmp_path / "zebra" / "c.png")
    found = read_picture_set(tmp_path, LABELS, 4)
    assert truths(found) == [("a.png", 2)]
    assert found.left_out == (("zebra", 2),)


def test_a_list_names_each_picture_by_number_or_name(tmp_path, picture_file):
    for name in ("a b.png", "c.png"):
        picture_file(tmp_path / "pictures" / name)
    truth = tmp_path / "val.txt"
    truth.write_text("a b.png 2\n\nc.png, school_bus\n")
    found = read_picture_set(tmp_path / "pictures", LABELS, 4, truth)
    assert truths(found) == [("a b.png", 2), ("c.png", 3)]
    assert found.how == "the list val.txt"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a.png", "Line 1 of list.txt names no class"),
        ("gone.png 1", "there is no picture gone.png"),
        ("../secret.png 1", "leaves the folder"),
    ],
)
def test_a_bad_line_is_named(tmp_path, picture_file, line, says):
    picture_file(tmp_path / "pictures" / "a.png")
    picture_file(tmp_path / "secret.png")
    truth = tmp_path / "list.txt"
    truth.write_text(line)
    with pytest.raises(LabError, match=says):
        read_picture_set(tmp_path / "pictures", LABELS, 4, truth)


def test_a_list_that_is_no_text_is_refused(tmp_path, picture_file):
    picture_file(tmp_path / "pictures" / "a.png")
    truth = tmp_path / "list.txt"
    truth.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabError, match="cannot be read"):
        read_picture_set(tmp_path / "pictures", LABELS, 4, truth)


def test_a_folder_without_pictures_says_so(tmp_path):
    with pytest.raises(LabError, match="no pictures"):
        read_picture_set(tmp_path, LABELS, 4)


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(LabError, match="no folder"):
        read_picture_set(tmp_path / "gone", LABELS, 4)


def test_pictures_of_unknown_classes_say_what_to_do(tmp_path, picture_file):
    picture_file(tmp_path / "some.png")
    with pytest.raises(LabError, match="not known what the pictures"):
        read_picture_set(tmp_path, LABELS, 4)


def test_only_strange_classes_are_an_error(tmp_path, picture_file):
    picture_file(tmp_path / "zebra" / "a.png")
    with pytest.raises(LabError, match="no class zebra"):
        read_picture_set(tmp_path, LABELS, 4)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_loop_of_links_ends(tmp_path, picture_file):
    picture_file(tmp_path / "tiger cat" / "a.png")
    (tmp_path / "tiger cat" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert truths(read_picture_set(tmp_path, LABELS, 4)) == [("a.png", 2)]
