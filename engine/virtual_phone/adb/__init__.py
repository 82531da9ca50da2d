"""The phone's ADB daemon: what a computer's adb server connects to."""
