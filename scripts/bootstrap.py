"""Make the virtual environment that every make target uses.

Needs nothing but a Python to run it (3.7 or newer; the environment itself gets 3.11 or newer).
Picks an interpreter that really runs, makes `.venv`, and installs the project with the pins of
constraints.txt. Run again it does nothing until pyproject.toml or constraints.txt change.

    python3 scripts/bootstrap.py                                the development environment
    python3 scripts/bootstrap.py --venv DIR --python 3.11       another one, on another Python
    python3 scripts/bootstrap.py --extras dev,docs              with more extras

Environment: WMJAX_PYTHON names the interpreter to use.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
PREFERRED = ("3.12", "3.13", "3.11")
EXIT_NO_INTERPRETER = 2
STAMP = "wmjax-stamp"


def main(argv=None):
    args = _arguments(argv)
    venv = (ROOT / args.venv).resolve()
    wanted = _fingerprint(args)
    if _stamp(venv) == wanted and _version(_venv_python(venv)):
        print(f"bootstrap: {venv} is up to date")
        return 0
    if not _usable(_venv_python(venv), args.python):
        interpreter = _choose(args.python)
        if interpreter is None:
            print(_no_interpreter(args.python), file=sys.stderr)
            return EXIT_NO_INTERPRETER
        _make(interpreter, venv)
    _install(venv, args.extras)
    (venv / STAMP).write_text(wanted)
    print(f"bootstrap: {venv} is ready")
    return 0


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", default=".venv", help="folder of the environment")
    parser.add_argument("--python", default="", help="take this version only, such as 3.11")
    parser.add_argument("--extras", default="dev", help="extras to install, comma separated")
    return parser.parse_args(argv)


# ---------------------------------------------------------------- is there anything to do


def _fingerprint(args):
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    digest.update("|".join([str(ROOT), args.extras, args.python, _named()]).encode())
    return digest.hexdigest()


def _stamp(venv):
    try:
        return (venv / STAMP).read_text()
    except OSError:
        return ""


def _named():
    return os.environ.get("WMJAX_PYTHON", "")


# ---------------------------------------------------------------- which Python


def _choose(only):
    """The first candidate that runs and is new enough, or None."""
    for candidate in _candidates(only):
        if _usable(candidate, only):
            return candidate
        if candidate == _named():
            print(f"bootstrap: WMJAX_PYTHON={candidate} is no usable Python")
            return None
    return None


def _candidates(only):
    if _named():
        yield _named()
        return
    versions = [only] if only else PREFERRED
    for version in versions:
        yield "python" + version
        yield from _pyenv(version)
    yield sys.executable


def _pyenv(version):
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return [str(p) for p in sorted(root.glob(f"versions/{version}*/bin/python"))]


def _usable(python, only):
    version = _version(python)
    if version is None or version < OLDEST:
        return False
    return not only or "{}.{}".format(*version) == only


def _version(python):
    """(major, minor) that the interpreter itself reports; None if it does not run."""
    code = "import sys, venv; print('%d %d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def _no_interpreter(only):
    wanted = only or "{}.{} or newer".format(*OLDEST)
    return "\n".join(
        [
            "bootstrap: no Python found that runs",
            "  found:  " + ", ".join(map(str, _candidates(only))) + " (tried, in this order)",
            "  wanted: Python " + wanted + ", with the venv module",
            "  do:     install it, or name one: WMJAX_PYTHON=/path/to/python make ...",
        ]
    )


# ---------------------------------------------------------------- make and install


def _make(interpreter, venv):
    print(f"bootstrap: making {venv} with {interpreter}")
    if _has_uv():
        # uv trips over version-manager shims when left to search: it gets the full path.
        real = _output([interpreter, "-c", "import sys; print(sys.executable)"])
        _run(["uv", "venv", "--seed", "--clear", "-p", real, str(venv)])
    else:
        _run([interpreter, "-m", "venv", "--clear", str(venv)])


def _install(venv, extras):
    print(f"bootstrap: installing wmjax[{extras}] with the pins of constraints.txt")
    python = str(_venv_python(venv))
    what = ["-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}[{extras}]"]
    if _has_uv():
        _run(["uv", "pip", "install", "--quiet", "-p", python] + what)
        return
    _run([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"] + what)


def _has_uv():
    try:
        return subprocess.run(["uv", "--version"], stdout=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _venv_python(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _output(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def _run(command):
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    status = subprocess.run(command, cwd=str(ROOT), env=environment).returncode
    if status:
        print("bootstrap: failed ({}): {}".format(status, " ".join(command)), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
