"""What the tests need from the machine beside Python packages: a browser, and PostgreSQL's server programs."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from portal.cli import Stop

CHROMIUM = Path("/usr/bin/chromium")
POSTGRESQL = Path("/usr/lib/postgresql")
TRIES = 3


def postgresql_programs() -> Path | None:
    """The folder with initdb and postgres of the newest installed version, or None."""
    folders = (found.parent for found in POSTGRESQL.glob("*/bin/postgres"))
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def install_missing(packages: Sequence[str]) -> None:
    """Install those of Debian's packages chromium and postgresql that are named and missing.

    Raises:
        Stop: it may not (neither root nor sudo without a password), or apt-get fails.
    """
    present = {"chromium": CHROMIUM.exists(), "postgresql": postgresql_programs() is not None}
    missing = [package for package in packages if not present[package]]
    if not missing:
        return
    apt_get = allowed_apt_get()
    if apt_get is None:
        raise Stop(f"these tests need Debian's packages; please run: apt-get install {' '.join(missing)}")
    print(f"installing Debian's {' and '.join(missing)}", flush=True)
    started = time.monotonic()
    install = (*apt_get, "install", "--no-install-recommends", *missing)
    for _ in range(TRIES):
        said = [failure for command in ((*apt_get, "update"), install) if (failure := failure_of(command))]
        if not said:
            print(f"installed after {time.monotonic() - started:.1f} s", flush=True)
            return
    raise Stop(f"apt-get could not install {' and '.join(missing)}:\n  " + "\n  ".join(said[-1].splitlines()[-5:]))


def allowed_apt_get() -> tuple[str, ...] | None:
    """apt-get with quiet options; None where it may not be used."""
    options = ("-qq", "-y", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0")
    apt_get = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options)
    root = as_root()
    return None if root is None or shutil.which("apt-get") is None else (*root, *apt_get)


def as_root() -> tuple[str, ...] | None:
    """What to put before a command so that root runs it: nothing, or sudo; None where that would take a password."""
    if os.geteuid() == 0:
        return ()
    return ("sudo", "-n") if shutil.which("sudo") and not failure_of(("sudo", "-n", "true")) else None


def failure_of(command: Sequence[str], folder: Path | None = None) -> str:
    """What the command said if it failed, else nothing. It is run in the folder, if there is one."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip() or f"status {done.returncode}" if done.returncode else ""
