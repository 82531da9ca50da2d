"""Starts MobileNet Lab: makes its environment when it is not there, then is ``mobilenet-lab``.

Usage: python3 packaging/run.py [arguments of mobilenet-lab]
"""

import os
import subprocess
import sys

import environment


def main() -> int:
    """Make the environment, then become ``mobilenet-lab`` with the same arguments."""
    try:
        environment.ensure()
    except environment.SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return become_the_lab()


def become_the_lab() -> int:
    """Replace this process by the lab, so that signals and exit codes are its own."""
    command = [str(environment.bin_path("mobilenet-lab")), *sys.argv[1:]]
    if os.name == "nt":  # exec would detach from the terminal there
        return subprocess.run(command).returncode
    return os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
