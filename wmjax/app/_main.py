"""`main`: from the command line to an exit status."""

from __future__ import annotations

import os
import sys

from wmjax._garbage import garbage_seldom
from wmjax.app._report_error import report
from wmjax.app._verbs import find_verb


INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Runs one verb.

    **Arguments:**

    - `argv`: the words after `wmjax`; those of this process by default.

    **Returns:** the exit status: 0 done, 1 a failure of ours, 2 a mistake of the user, 3 a check
    failed, 4 a budget was spent, 130 interrupted. Mistakes are described on standard error.
    """
    try:
        with garbage_seldom():
            return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        print("wmjax: interrupted; `wmjax runs list` shows what can be resumed", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return report(error)


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        from wmjax.app._help import overview

        print(overview())
        return 0
    if words[0] == "--version":
        from importlib.metadata import version

        print(f"wmjax {version('wmjax')}")
        return 0
    verb = find_verb(words[0])
    if any(w in ("-h", "--help") for w in words[1:]):
        from wmjax.app._help import describe

        print(describe(verb))
        return 0
    from wmjax.app._hydra import run_verb

    return run_verb(verb, words[1:])
