"""The phone's screen, as a picture here."""
