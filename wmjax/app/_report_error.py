"""What standard error says about an error, and its exit status."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from wmjax._errors import WmjaxError


def report(error: Exception, prefix: str = "error: ") -> int:
    """Describes the error on standard error.

    An error we did not raise on purpose is our failure: one line says what it is, and the
    traceback goes into a file (WMJAX_DEBUG=1 prints it instead).

    **Returns:** the exit status.
    """
    if isinstance(error, WmjaxError):
        print(f"{prefix}{error}", file=sys.stderr)
        return error.exit_status
    if os.environ.get("WMJAX_DEBUG") == "1":
        traceback.print_exception(error)
        return 1
    first = (str(error).strip().splitlines() or [""])[0]
    print(f"{prefix}a failure of ours, {type(error).__name__}: {first[:300]}", file=sys.stderr)
    print(f"  the details are in {_kept(error)}; WMJAX_DEBUG=1 prints them", file=sys.stderr)
    return 1


def _kept(error: Exception) -> str:
    handle, path = tempfile.mkstemp(prefix="wmjax-failure-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(error))
    return path
