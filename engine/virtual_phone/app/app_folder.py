"""The app's own folder on the phone: the last good model that came over the link."""

import json

from engine.virtual_phone.app.model import PACKAGE, LabModel, Reading
from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.system.file_system import FileSystem, data_folder

MODEL = f"{data_folder(PACKAGE)}/files/model.tflite"
FACTS = f"{data_folder(PACKAGE)}/files/model.json"


class AppFolder:
    """What outlives the app's process; Android removes it with the app, or with its data."""

    def __init__(self, files: FileSystem) -> None:
        """Keep models in this phone's file system."""
        self._files = files

    def keep(self, model: LabModel, package: InstalledPackage | None) -> None:
        """Put a model in the place of the last one; the facts come last and make it count."""
        facts = {
            "installed_s": package.installed_s if package is not None else None,
            "name": model.name,
            "sha256": model.sha256,
            "labels": model.labels,
            "untrained": model.untrained,
            "task": model.reading.task,
            "fit": model.reading.fit,
            "scores": model.reading.scores,
        }
        self._files.displace(FACTS)
        self._files.place(MODEL, model.data, 0o600)
        self._files.place(FACTS, json.dumps(facts).encode(), 0o600)

    def model_for(self, package: InstalledPackage | None) -> LabModel | None:
        """Return the kept model if it was sent to just this installation of the app."""
        try:
            facts = json.loads(self._files.fetch(FACTS))
            data = self._files.fetch(MODEL)
        except FileNotFoundError:
            return None
        if package is None or facts["installed_s"] != package.installed_s:
            return None
        return LabModel(
            data=data,
            name=facts["name"],
            sha256=facts["sha256"],
            labels=tuple(facts["labels"]),
            untrained=facts["untrained"],
            reading=Reading(facts["task"], facts["fit"], facts["scores"]),
            sent=True,
        )
