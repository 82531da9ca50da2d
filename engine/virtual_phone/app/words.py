"""What the lab's app says on the screen, in English and German."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "point": ".",
    "back": "Back camera",
    "front": "Front camera",
    "picture": "Picture {number} of {count}",
    "pictures": "Pictures of the app",
    "loop": "Loop: one fixed picture",
    "linked": "linked",
    "waiting": "no lab",
    "paused": "paused",
    "untrained": "untrained: answers mean nothing",
    "thread": "1 thread",
    "threads": "{count} threads",
    "instead": "{applied} instead of {asked}",
    "sent": "sent by the lab",
    "packed": "from the APK",
    "no model": "no model",
    "opening": "Opening the model",
    "pause": "Pause",
    "go on": "Go on",
    "allow": "Allow the camera",
    "looking": "Looking ...",
    "nothing": "Nothing found",
    "unread": "In a loop nobody reads the answers.",
    "vector": "{count} values",
    "norm": "norm",
    "latency": "latency, median",
    "pipeline": "pipeline",
    "camera": "camera",
    "convert": "convert",
    "post": "post",
    "draw": "draw",
    "class": "class {index}",
    "wrong": "Something is wrong",
    "background": "Not on the screen",
    "background advice": "Open the app to go on.",
    "no_model": "There is no model",
    "no_model advice": "Deploy one from the lab.",
    "bad_model": "The model cannot be opened",
    "bad_model advice": "Deploy another one from the lab.",
    "no_pictures": "There are no pictures in this app",
    "no_pictures advice": "Choose the camera or loop in the lab.",
    "no_camera": "There is no camera picture",
    "no_camera advice": "Choose pictures or loop in the lab.",
    "camera_busy": "Another app uses the camera",
    "camera_busy advice": "Close that app. This one goes on by itself.",
    "camera_permission": "The camera is not allowed",
    "camera_permission advice": "Allow it, and the camera picture stays on this phone.",
    "inference": "The model failed",
    "inference advice": "Deploy another one from the lab.",
}

GERMAN: Mapping[str, str] = {
    "point": ",",
    "back": "Hauptkamera",
    "front": "Frontkamera",
    "picture": "Bild {number} von {count}",
    "pictures": "Bilder der App",
    "loop": "Schleife: ein festes Bild",
    "linked": "verbunden",
    "waiting": "kein Labor",
    "paused": "angehalten",
    "untrained": "untrainiert: Antworten bedeuten nichts",
    "thread": "1 Thread",
    "threads": "{count} Threads",
    "instead": "{applied} statt {asked}",
    "sent": "vom Labor gesendet",
    "packed": "aus der APK",
    "no model": "kein Modell",
    "opening": "Das Modell wird geöffnet",
    "pause": "Anhalten",
    "go on": "Weiter",
    "allow": "Kamera erlauben",
    "looking": "Schaut hin ...",
    "nothing": "Nichts gefunden",
    "unread": "In der Schleife liest niemand die Antworten.",
    "vector": "{count} Werte",
    "norm": "Norm",
    "latency": "Latenz, Median",
    "pipeline": "Pipeline",
    "camera": "Kamera",
    "convert": "Wandeln",
    "post": "Lesen",
    "draw": "Zeichnen",
    "class": "Klasse {index}",
    "wrong": "Etwas stimmt nicht",
    "background": "Nicht auf dem Bildschirm",
    "background advice": "Die App öffnen, dann geht es weiter.",
    "no_model": "Kein Modell vorhanden",
    "no_model advice": "Vom Labor eines aufspielen.",
    "bad_model": "Das Modell geht nicht auf",
    "bad_model advice": "Vom Labor ein anderes aufspielen.",
    "no_pictures": "In dieser App sind keine Bilder",
    "no_pictures advice": "Im Labor die Kamera oder Schleife wählen.",
    "no_camera": "Kein Kamerabild",
    "no_camera advice": "Im Labor Bilder oder Schleife wählen.",
    "camera_busy": "Eine andere App nutzt die Kamera",
    "camera_busy advice": "Diese App schließen. Dann geht es von selbst weiter.",
    "camera_permission": "Die Kamera ist nicht erlaubt",
    "camera_permission advice": "Erlauben: Das Kamerabild bleibt auf diesem Telefon.",
    "inference": "Das Modell ist gescheitert",
    "inference advice": "Vom Labor ein anderes aufspielen.",
}


def words_for(locale: str) -> Mapping[str, str]:
    """Return German where the person reads that (``de-AT``), else English."""
    return GERMAN if locale.lower().startswith("de") else ENGLISH


def name_of(label: str, index: int, words: Mapping[str, str]) -> str:
    """Return a class's name for people."""
    return label or words["class"].format(index=index)


def digits(value: float, words: Mapping[str, str], most: int = 2) -> str:
    """Write a number with three digits or so, at most ``most`` after the point."""
    places = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{min(places, most)}f}".replace(".", words["point"])
