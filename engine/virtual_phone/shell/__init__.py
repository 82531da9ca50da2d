"""The phone's shell and the commands that a lab asks of Android."""
