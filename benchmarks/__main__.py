"""`make bench`: measures the sections asked for, and writes benchmarks/RESULTS.md.

    make bench                              every section; about half an hour on two idle cores
    make bench ARGS="single sweep"          some of them
    python -m benchmarks --quick single     a few turns, to see that it works; proves nothing
    python -m benchmarks --output FILE      another place for the table

Misses of targets are results and no errors: the exit status is 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks._report import Report
from benchmarks._result import Missing, Result
from benchmarks._rounds import QUICK, Effort
from benchmarks._sections import SECTIONS, measured
from wmjax._errors import UserError, WmjaxError


def main(arguments: Sequence[str] | None = None) -> int:
    stated = _parser().parse_args(arguments)
    unknown = [n for n in stated.sections if n not in SECTIONS]
    if unknown:
        print(UserError("benchmarks", f"the section {unknown[0]!r}", ", ".join(SECTIONS)))
        return UserError.exit_status
    effort = QUICK if stated.quick else Effort()
    report = Report(effort)
    for section in stated.sections or SECTIONS:
        print(f"== {section}", flush=True)
        report.add(section, list(_measured(section, effort)))
    stated.output.write_text(report.text(), encoding="utf-8")
    print(f"written to {stated.output}")
    return 0


def _measured(section: str, effort: Effort) -> list[Result]:
    """What a section found; a section that breaks is named and leaves the others alone."""
    found: list[Result] = []
    try:
        for result in measured(section, effort):
            found.append(result)
            print(_line(result), flush=True)
    except (WmjaxError, ImportError, OSError) as error:
        found.append(Missing(f"the rest of {section}", f"{type(error).__name__}: {error}"))
        print(_line(found[-1]), flush=True)
    return found


def _line(result: Result) -> str:
    if isinstance(result, Missing):
        return f"  - {result.what}: {result.reason}"
    return "  " + " | ".join(filter(None, result.cells()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks", description="Measures wmjax and its peers.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="a few turns that prove nothing")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
