"""What standard error says about an error, and its exit status."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

from wmjax._errors import WmjaxError


class Failure(WmjaxError):
    """A failure of ours: one line says what it is, and the traceback lies in a file."""


def failure(error: Exception, folder: Path | None = None) -> Failure:
    """The failure that an unexpected error is.

    The traceback goes into `folder`, or among the temporary files; WMJAX_DEBUG=1 prints it.
    """
    if os.environ.get("WMJAX_DEBUG") == "1":
        traceback.print_exception(error)
    handle, path = tempfile.mkstemp(prefix="wmjax-failure-", suffix=".log", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(error))
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return Failure(
        f"a failure of ours, {type(error).__name__}: {first}\n"
        f"  the details are in {path}; WMJAX_DEBUG=1 prints them"
    )


def report(error: Exception, prefix: str = "error: ") -> int:
    """Describes the error on standard error.

    **Returns:** the exit status.
    """
    told = error if isinstance(error, WmjaxError) else failure(error)
    print(f"{prefix}{told}", file=sys.stderr)
    return told.exit_status
