"""A base APK, a model and its labels become one signed APK, without Java."""
