"""What `model fetch`, `import`, `pack`, `list` and `remove` say."""

import json
import zipfile

import pytest
import typer
from typer.testing import CliRunner

from engine.errors import LabError
from engine.jobs import CancelToken, ignore_progress
from engine.models.store import ModelStore
from engine.sources.download import Expected
from engine.sources.official import Official, OfficialModels, Place
from engine.terminal import source_commands
from engine.terminal.model_commands import resolve_model


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    source_commands.register(app)

    def run(*args):
        ended = CliRunner().invoke(app, [str(each) for each in args])
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended

    return run


@pytest.fixture
def model(tmp_path, shared_models):
    return shared_models / "mobilenet_v1_0.25_128_quant.tflite"


@pytest.fixture
def shared_models(request):
    folder = request.config.rootpath.parent / "shared" / "models"
    if not folder.exists():
        pytest.skip("needs ../shared")
    return folder


def test_a_model_goes_from_one_computer_to_another(
    ask, model, shared_models, tmp_path, monkeypatch
):
    labels = shared_models / "imagenet_labels.txt"
    (kept,) = json.loads(ask("import", model, "--labels", labels, "--json").stdout)
    assert (kept["name"], kept["task"]) == ("mobilenet_v1_0.25_128_quant", "classification")
    packed = json.loads(ask("pack", tmp_path / "pack.zip", "--all", "--json").stdout)
    assert packed["models"] == ["mobilenet_v1_0.25_128_quant"]
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "other"))
    assert json.loads(ask("list", "--json").stdout) == []
    ask("import", tmp_path / "pack.zip")
    (listed,) = json.loads(ask("list", "--json").stdout)
    assert (listed["sha256"], bool(listed["labels"])) == (kept["sha256"], True)
    ask("remove", listed["name"])
    assert ModelStore().list() == ()


def test_the_list_is_a_table(ask, model):
    ask("import", model, "--name", "mine")
    head, row = ask("list").stdout.splitlines()
    assert head.split()[:3] == ["model", "key", "MB"]
    assert row.split() == ["mine", "cb273c23", "0.53", "mobilenet_v1_0.25_128_quant.tflite"]


def test_an_empty_list_says_how_to_fill_it(ask):
    assert "fetch, import and build" in ask("list").stderr


def test_fetch_without_a_name_lists_what_there_is(ask):
    listed = json.loads(ask("fetch", "--json").stdout)
    (one,) = [each for each in listed if each["name"] == "v1_0.50_128-quant"]
    assert one["url"].endswith("/mobilenet_v1_2018_08_02/mobilenet_v1_0.5_128_quant.tgz")
    assert (one["here"], one["date"]) == (False, "2018-08-02")
    assert "v1_0.50_128-quant" in ask("fetch").stdout


def test_fetch_without_a_network_says_what_else_helps(ask, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")  # where nobody listens
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(LabError, match=r"No network.*offline pack"):
        ask("fetch", "all")


def test_one_model_that_cannot_be_had_does_not_keep_the_others_away(
    file_server, shared_models, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    data = (shared_models / "mobilenet_v1_0.25_128_quant.tflite").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("a.tflite", data)
    file_server.files["/a.zip"] = (tmp_path / "a.zip").read_bytes()
    place = Place("here", "", "", "", "")
    chosen = [
        Official(f"{name}-quant", file_server.url(f"/{name}.zip"), "a.tflite", Expected(), place)
        for name in ("gone", "a")
    ]
    official, seen = OfficialModels(tuple(chosen), (), loopback=True), []
    kept, failed = source_commands.fetch_all(
        chosen, official, ModelStore(), seen.append, CancelToken()
    )
    assert ([model.name for model in kept], failed) == (["a-quant"], 1)
    assert "gone-quant: 127.0.0.1 no longer has the file (404)." in capsys.readouterr().err
    assert {progress.step for progress in seen} == {"a-quant"}


def test_fetch_of_an_unknown_name_names_near_ones(ask):
    with pytest.raises(LabError, match=r"Perhaps .*v1_0.25_128-quant"):
        ask("fetch", "v1_0.25_128-quand")


def test_what_a_pack_is_to_hold_must_be_said_once(ask, tmp_path):
    for args in ([], ["mine", "--all"]):
        with pytest.raises(LabError, match="or say --all"):
            ask("pack", tmp_path / "pack.zip", *args)
    with pytest.raises(LabError, match="There is no model mine here"):
        ask("pack", tmp_path / "pack.zip", "mine")


def test_a_packs_own_names_are_not_overruled(ask, model, tmp_path):
    ask("import", model)
    ask("pack", tmp_path / "pack", "--all")
    with pytest.raises(LabError, match="its own names and labels"):
        ask("import", tmp_path / "pack", "--name", "mine")


def test_nothing_is_removed_if_one_name_is_wrong(ask, model):
    ask("import", model, "--name", "mine")
    with pytest.raises(LabError, match="no model other"):
        ask("remove", "mine", "other")
    assert [each.name for each in ModelStore().list()] == ["mine"]


def test_an_imported_model_is_deployed_by_its_name_and_with_its_labels(ask, model, shared_models):
    ask("import", model, "--name", "mine", "--labels", shared_models / "imagenet_labels.txt")
    payload = resolve_model("mine", None, "", ignore_progress, CancelToken())
    assert payload.model.read_bytes() == model.read_bytes()
    assert (payload.name, len(payload.labels)) == ("mine", 1001)


def test_a_name_that_is_neither_here_nor_a_variant_is_told(ask):
    with pytest.raises(LabError, match=r"no variant 'v1_0\.51_128'"):
        resolve_model("v1_0.51_128-int8", None, "", ignore_progress, CancelToken())
