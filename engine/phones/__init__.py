"""A phone at the other end of ADB."""
