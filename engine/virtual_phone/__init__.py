"""A phone that is a program: real ``adb`` connects to it and every byte goes the real way.

Nothing in the engine but the command that starts it may import this package, and it
shares no wire format with the lab's side, so that a shared mistake cannot cancel out.
"""
