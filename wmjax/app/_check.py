"""`wmjax check`: report every issue of a model."""

from __future__ import annotations

from wmjax.app._settings import Text, VerbSettings


class Settings(VerbSettings):
    model: Text


def run(settings: Settings) -> int:
    """Prints all issues; the status is 2 if any is an error."""
    from wmjax.series import catalogue
    from wmjax.spec import check_spec

    known = {entry.id: entry.unit for entry in catalogue()}
    issues = check_spec(settings.model, catalogue=known)
    for issue in issues:
        print(issue)
    errors = sum(issue.severity == "error" for issue in issues)
    warnings = len(issues) - errors
    print(f"{settings.model}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}")
    return 2 if errors else 0


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
