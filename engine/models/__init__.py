"""From a variant to a ``.tflite``, and from a ``.tflite`` to facts and answers."""
