#!/usr/bin/env python3
"""The portal's command line: `python3 manage.py --help`.

On a fresh machine this file first makes the environment in `.venv`, from hash-pinned requirements, with a uv of its own
in `.uv`; outside the project folder it touches nothing but caches. Where the running interpreter has everything already
(a container, say), and in an installed portal, it makes nothing. Until the last lines: the standard library only.
"""

import os
import sys

if os.name != "posix" or sys.version_info < (3, 11):
    sys.exit("manage.py: this needs Linux and Python 3.11 or newer; here is Python " + sys.version.split()[0])

import ast
import fcntl
import hashlib
import importlib.metadata
import re
import shutil
import ssl
import subprocess
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = ROOT / ".uv" / "bin" / "uv"
SYSTEMS_PROGRAMS = Path("/usr/bin")
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
DEVELOPERS_COMMANDS = ("test", "pictures", "bench")

# uv does not read pip's configuration; behind a company's mirror these make it go where pip goes.
PIP_IN_UVS_WORDS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}

TELLING = re.compile(r"failed to fetch|hash mismatch|==\S+ from|no matching", re.IGNORECASE)
WRONG_HASH = re.compile(r"hash mismatch|do not match the hashes", re.IGNORECASE)
UNREACHABLE = re.compile(r"connect|timed? ?out|resol|certificate|error sending|versions: none", re.IGNORECASE)


class CannotMakeEnvironment(Exception):
    """Its text is the one message the user sees."""


def enter_environment(argv: list[str]) -> None:
    """Return if this interpreter can run the command; else make the environment and start again in it."""
    wanted = DEVELOPMENT if argv[:1] and argv[0] in DEVELOPERS_COMMANDS else RUNTIME
    if not (ROOT / wanted).exists():
        return
    inside = VENV.exists() and VENV.samefile(sys.prefix)
    if is_current(wanted):
        if inside:
            return
    elif not inside and has_all_of(wanted):
        return
    else:
        make_environment(wanted)
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *argv])


def is_current(wanted: str) -> bool:
    """Whether `.venv` was made, to the end, from the wanted requirements as they are now."""
    name, _, digest = read_stamp(VENV).partition(" ")
    return name in (wanted, DEVELOPMENT) and digest == digest_of(name) and PYTHON.exists()


def read_stamp(folder: Path) -> str:
    try:
        return (folder / "made-from").read_text().strip()
    except OSError:
        return ""


def digest_of(name: str) -> str:
    path = ROOT / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"


def has_all_of(wanted: str) -> bool:
    """Whether the running interpreter has every unconditional requirement in exactly the pinned version."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+) *\\?$", (ROOT / wanted).read_text(), re.MULTILINE)
    try:
        return all(importlib.metadata.version(name) == version for name, version in pins)
    except importlib.metadata.PackageNotFoundError:
        return False


def make_environment(wanted: str) -> None:
    started = time.monotonic()
    with (ROOT / ".venv.lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - pip or uv may outlive a killed parent: they lock, too
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that is making the environment")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(wanted):
            if read_stamp(UV.parent.parent) != digest_of("requirements-uv.txt"):
                install_uv()
            install_requirements(wanted)
            say(f"the environment is ready after {time.monotonic() - started:.1f} s")


def install_uv() -> None:
    say("making the environment (once): getting uv into .uv")
    folder = UV.parent.parent
    shutil.rmtree(folder, ignore_errors=True)
    pip = (base_python(), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
    options = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--root-user-action=ignore")
    # Both settings are common on developers' machines, and neither goes together with --target.
    environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}
    run(environment, *pip, "install", *options, "--target", str(folder), "-r", "requirements-uv.txt")
    (folder / "made-from").write_text(digest_of("requirements-uv.txt"))


def install_requirements(wanted: str) -> None:
    stamp = read_stamp(VENV)
    name = DEVELOPMENT if stamp.startswith(DEVELOPMENT) else wanted
    say(f"making the environment (once): installing {name} into .venv")
    options, environment = uv_configuration()
    (VENV / "made-from").unlink(missing_ok=True)  # whatever stops this before the end: the next run starts anew
    if not stamp or not PYTHON.exists():
        python = os.environ.get("UV_PYTHON") or quicker_build() or base_python()
        run(environment, str(UV), "venv", "--quiet", "--clear", "--no-project", "--python", python, str(VENV))
    sync = (str(UV), "pip", "sync", "--quiet", "--no-progress", "--require-hashes", "--python", str(PYTHON))
    run(environment, *sync, *options, name)
    (VENV / "made-from").write_text(f"{name} {digest_of(name)}\n")


def base_python() -> str:
    """The interpreter outside of any virtual environment: the one that has pip, and that outlives `.venv`."""
    path = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    return str(path) if path.exists() else sys.executable


def quicker_build() -> str | None:
    """The system's build of the same Python, where the running one was built without `--enable-optimizations`, as
    pyenv's are unless asked for; distributions' are built with profiles. See docs/decisions/0035."""
    found = SYSTEMS_PROGRAMS / f"python3.{sys.version_info.minor}"
    if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "") or not found.exists():
        return None
    if found.samefile(base_python()) or not is_whole(found):
        return None
    say(f"this Python was built without optimizations; .venv gets {found}, which is quicker (UV_PYTHON names another)")
    return str(found)


def is_whole(python: Path) -> bool:
    """Debian, for one, has packages of Python that lack parts of its library."""
    whole = (str(python), "-I", "-c", "import ctypes, lzma, sqlite3, ssl, zoneinfo")
    return subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def uv_configuration() -> tuple[list[str], dict[str, str]]:
    """uv's options and environment so that it finds what pip finds; what is set for uv itself goes first."""
    pip = pip_configuration()
    translated = {PIP_IN_UVS_WORDS[key]: " ".join(pip[key].split()) for key in PIP_IN_UVS_WORDS if key in pip}
    if "UV_FIND_LINKS" in translated:
        translated["UV_FIND_LINKS"] = translated["UV_FIND_LINKS"].replace(" ", ",")
    if "SSL_CERT_FILE" not in translated and ssl.get_default_verify_paths().cafile:
        translated["UV_SYSTEM_CERTS"] = "1"
    # A package may be taken from any of the indexes, as pip does: the pinned hashes say which file is the right one.
    ours = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}
    no_index = pip.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return ["--no-index"] if no_index else [], {**translated, **ours, **os.environ}


def pip_configuration() -> dict[str, str]:
    """pip's settings for `pip install`, from its files and PIP_* variables; empty where pip is missing."""
    listed = subprocess.run([base_python(), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings = {}
    for section in ("global.", "install.", ":env:."):  # the later goes before the earlier
        for line in listed.stdout.splitlines():
            if line.startswith(section):
                key, _, value = line.removeprefix(section).partition("=")
                settings[key] = str(ast.literal_eval(value))
    return settings


def run(environment: dict[str, str], *command: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        close_fds=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotMakeEnvironment(explain(done.stderr + done.stdout))


def explain(output: str) -> str:
    """One message out of what pip or uv said: the cause in our words, then the most telling lines in theirs."""
    said = [line.strip() for line in output.splitlines() if line.strip()] or ["they said nothing"]
    telling = [line for line in said if TELLING.search(line)]
    cause, shown = "pip or uv failed", [*telling[:1], said[-1]]
    if "No module named pip" in output:
        cause, shown = "pip is missing; on Debian: apt-get install python3-pip", []
    elif WRONG_HASH.search(output):
        cause, shown = "a downloaded package does not have the pinned hash, and was not installed", telling[:1]
    elif UNREACHABLE.search(output):
        cause = "the package index cannot be reached, or lacks a package"
    return "\n  ".join(dict.fromkeys([f"cannot make the environment: {cause}", *shown]))


def say(what: str) -> None:
    print(f"manage.py: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        enter_environment(sys.argv[1:])
    except (CannotMakeEnvironment, OSError) as error:
        sys.exit(f"manage.py: {error}")
    except KeyboardInterrupt:
        sys.exit("manage.py: interrupted; the next run makes the environment anew")

    sys.path.insert(0, str(ROOT))  # also under PYTHONSAFEPATH
    from portal.cli import main

    main()
