"""Fetches what the build needs from Maven Central, pinned by hash."""

import hashlib
import subprocess
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


class BuildError(Exception):
    """Why there is no base APK; ``str(error)`` is a sentence."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file on Maven Central.

    Attributes:
        coordinates: ``group:artifact:version:packaging``.
        sha256: Of the file, lower-case hex.
    """

    coordinates: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name Maven gives to its copy."""
        _group, artifact, version, packaging = self.coordinates.split(":")
        return f"{artifact}-{version}.{packaging}"


def read_artifacts(path: Path) -> dict[str, Artifact]:
    """Read ``artifacts.toml``: one table per artifact."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Artifact(table["coordinates"], table["sha256"]) for name, table in tables.items()}


def fetch(artifact: Artifact, folder: Path) -> Path:
    """Return the artifact's file in ``folder``, asking Maven for it if it is not there.

    Raises:
        BuildError: Maven could not get it, or it is not the pinned file.
    """
    path = folder / artifact.file_name
    if not path.is_file():
        target = [f"-Dartifact={artifact.coordinates}", f"-DoutputDirectory={folder}"]
        run(
            ["mvn", "-q", "-B", _COPY, *target, "-Dmdep.overWriteReleases=true"],
            f"Maven cannot get {artifact.coordinates}.",
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != artifact.sha256:
        path.unlink()
        raise BuildError(
            f"{artifact.coordinates} is not the file that artifacts.toml pins: its SHA-256 is "
            f"{found}."
        )
    return path


def read_entry(archive: Path, name: str) -> bytes:
    """Read one entry of a zip."""
    with zipfile.ZipFile(archive) as zipped:
        return zipped.read(name)


def run(command: list[str], trouble: str, *, cwd: Path | None = None) -> str:
    """Run a program and return what it said.

    Raises:
        BuildError: ``trouble`` and the program's own words, if it is missing or fails.
    """
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BuildError(f"{trouble} The program {command[0]} is not installed.") from error
    if done.returncode != 0:
        raise BuildError(f"{trouble}\n{(done.stdout + done.stderr).strip()}")
    return done.stdout
