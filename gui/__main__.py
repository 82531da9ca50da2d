"""``python -m gui``: the same as ``mobilenet-lab``."""

import sys

from gui.app import main

if __name__ == "__main__":
    sys.exit(main())
