"""What a person has chosen: one frozen dataclass, one TOML file."""

import logging
import tomllib
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomli_w

from engine.files import write_whole
from engine.paths import config_dir

logger = logging.getLogger(__name__)

FILE_NAME = "settings.toml"
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person has chosen; every field has a default.

    Attributes:
        adb_port: Port of the adb server; 0 is adb's own (the environment's, else 5037).
        theme: One of ``THEMES``.
        last_phone: Serial of the phone that was open last; may be empty.
        last_variant: Built model that was chosen last; may be empty.
        mirror_max_fps: Most frames per second that the phone sends.
        mirror_max_size: Longest side that the phone sends, pixels; 0 is its own.
        scrcpy_server: Path of a scrcpy server file of one's own; empty for the bundled one.
        window_geometry: Qt's own bytes as base64; may be empty.
        window_state: Qt's own bytes as base64; may be empty.
    """

    adb_port: int = 0
    theme: str = "system"
    last_phone: str = ""
    last_variant: str = ""
    mirror_max_fps: int = 60
    mirror_max_size: int = 0
    scrcpy_server: str = ""
    window_geometry: str = ""
    window_state: str = ""

    def __post_init__(self) -> None:
        """Reject values that nothing could use."""
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not type(field.default):
                raise ValueError(f"{field.name} is not {type(field.default).__name__}")
        if not 0 <= self.adb_port < 65536:
            raise ValueError(f"adb_port {self.adb_port} is not a port")
        if self.theme not in THEMES:
            raise ValueError(f"theme {self.theme!r} is not one of {', '.join(THEMES)}")
        if not 1 <= self.mirror_max_fps <= 240:
            raise ValueError(f"mirror_max_fps {self.mirror_max_fps} is not 1 to 240")
        if not 0 <= self.mirror_max_size <= 16384:
            raise ValueError(f"mirror_max_size {self.mirror_max_size} is not 0 to 16384")

    @property
    def server(self) -> Path | None:
        """Return the scrcpy server file of one's own, or None for the bundled one."""
        return Path(self.scrcpy_server) if self.scrcpy_server else None


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings as they were read.

    Attributes:
        settings: Defaults where the file said nothing.
        notice: What a person must hear, for instance that a broken file was set aside.
    """

    settings: Settings
    notice: str = ""


def load_settings(path: Path | None = None) -> LoadedSettings:
    """Read the settings; a file that makes no sense is set aside and said, never lost."""
    path = path or config_dir() / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return LoadedSettings(_from_values(values))
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except (ValueError, OSError) as error:  # TOML and Unicode errors are ValueErrors
        return LoadedSettings(Settings(), _set_aside(path, error))


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all.

    Raises:
        LabError: They cannot be written.
    """
    path = path or config_dir() / FILE_NAME
    text = tomli_w.dumps(asdict(settings))
    write_whole(path, text.encode())


def _from_values(values: dict[str, Any]) -> Settings:
    """Use what is known; what a newer lab wrote is ignored."""
    known = {field.name for field in fields(Settings)}
    return Settings(**{key: value for key, value in values.items() if key in known})


def _set_aside(path: Path, error: Exception) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    logger.warning("settings in %s are unusable: %s", path, error)
    try:
        path.rename(aside)
    except OSError as trouble:
        logger.warning("they cannot be set aside: %s", trouble)
        return f"The settings in {path} cannot be read ({error}); defaults are used."
    return f"The settings could not be read ({error}). They are kept as {aside}; defaults are used."
