"""The phone's screen, what is drawn on it, and the camera."""
