"""`python -m wmjax`."""

import sys

from wmjax.app import main


if __name__ == "__main__":
    sys.exit(main())
