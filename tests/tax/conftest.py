"""The command line in a folder of its own, as the tests of the application have it."""

from tests.app.conftest import folder as folder
from tests.app.conftest import wm as wm
