import pytest

from engine.sources.download import download
from tests.engine.sources.serving import CONTENT, KNOWN, NETWORK, PATH


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file.tgz"


@pytest.fixture
def get(file_server, target):
    file_server.files[PATH] = CONTENT

    def get(expect=KNOWN, network=NETWORK, **options):
        return download(file_server.url(PATH), target, network=network, expect=expect, **options)

    return get
