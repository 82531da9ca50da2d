"""A phone without a screen, and its shell."""

import threading

import pytest

from engine.virtual_phone.commands import PROGRAMS
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.shell import Shell
from engine.virtual_phone.system_files import place_system_files


@pytest.fixture
def handset():
    handset = Handset("Test phone")
    place_system_files(handset)
    return handset


@pytest.fixture
def sh(handset):
    """``sh(line, stdin=b"")`` runs a line and returns (exit code, output, errors)."""
    shell = Shell(handset, PROGRAMS, threading.Event())

    def run(line, stdin=b""):
        left = bytearray(stdin)

        def read(size):
            part = bytes(left[:size])
            del left[:size]
            return part

        out, err = bytearray(), bytearray()
        code = shell.run(line, read, out.extend, err.extend)
        return code, out.decode(), err.decode()

    return run
