"""Where the lab keeps things."""

import os
from pathlib import Path

import platformdirs

ASSETS = Path(__file__).resolve().parent.parent / "assets"
"""What ships with the lab: catalog, labels, icons, the built phone app."""

APP_NAME = "mobilenet-lab"


def config_dir() -> Path:
    """Return the folder of settings and of the signing key; made if it is not there."""
    return _folder("config", platformdirs.user_config_path(APP_NAME, appauthor=False))


def data_dir() -> Path:
    """Return the folder of run records and models; made if it is not there."""
    return _folder("data", platformdirs.user_data_path(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """Return the folder of what can be had again, safe to delete; made if it is not there."""
    return _folder("cache", platformdirs.user_cache_path(APP_NAME, appauthor=False))


def log_dir() -> Path:
    """Return the folder of log files; made if it is not there."""
    return _folder("log", platformdirs.user_log_path(APP_NAME, appauthor=False))


def _folder(kind: str, default: Path) -> Path:
    home = os.environ.get("MOBILENET_LAB_HOME")
    folder = Path(home).absolute() / kind if home else default
    folder.mkdir(parents=True, exist_ok=True)
    return folder
