"""The lab without a window: everything here works from a terminal."""
