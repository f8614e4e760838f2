"""Debian's mail servers for the tests: unpacked into the project's folder, and not installed.

Debian lets one mail server in at a time and starts it at once: installing one for the tests would throw out the one
that the machine uses. Only the libraries that they need are installed, and Exim gets the user that is built into it.
"""

import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from portal.cli import Stop
from portal.cli.machine import TRIES, allowed_apt_get, as_root, failure_of

FOLDER = Path(__file__).resolve().parents[2] / ".servers"
POSTFIX, EXIM = FOLDER / "postfix", FOLDER / "exim4-daemon-light"
PROGRAMS = {POSTFIX.name: POSTFIX / "usr/lib/postfix/sbin/master", EXIM.name: EXIM / "usr/sbin/exim4"}
EXIM_USER = "Debian-exim"


def unpack_missing(packages: Sequence[str]) -> None:
    """Unpack those of Debian's packages postfix and exim4-daemon-light that are named and cannot run yet.

    Raises:
        Stop: it may not (neither root nor sudo without a password), or a step of it fails.
    """
    missing = [package for package in packages if not is_ready(package)]
    if not missing:
        return
    apt_get = allowed_apt_get()
    if apt_get is None:
        raise Stop(f"getting Debian's {' and '.join(missing)} for the tests takes root, or sudo without a password")
    print(f"unpacking Debian's {' and '.join(missing)} into {FOLDER.name}, and installing their libraries", flush=True)
    for package in missing:
        for _ in range(TRIES):
            if not (failure := failure_to_unpack(package, apt_get)):
                break
        else:
            raise Stop(f"Debian's {package} could not be unpacked:\n  " + "\n  ".join(failure.splitlines()[-5:]))


def is_ready(package: str) -> bool:
    """Whether the server is there, with all of its libraries and its user."""
    program = PROGRAMS[package]
    if not program.exists() or (package == EXIM.name and not has_user(EXIM_USER)):
        return False
    listed = subprocess.run(["ldd", program], env=environment(), capture_output=True, text=True, check=False)
    return listed.returncode == 0 and "not found" not in listed.stdout


def environment() -> dict[str, str]:
    """In which Postfix's programs find the libraries that lie beside them."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": str(POSTFIX / "usr/lib/postfix")}


def has_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def failure_to_unpack(package: str, apt_get: Sequence[str]) -> str:
    """What went wrong, or nothing."""
    with tempfile.TemporaryDirectory() as downloads:
        Path(downloads).chmod(0o755)  # apt downloads as a user of its own
        if failure := failure_of((*apt_get, "update")) or failure_of((*apt_get, "download", package), Path(downloads)):
            return failure
        if libraries := libraries_of(package):
            install = (*apt_get, "install", "--no-install-recommends", "--no-upgrade", *libraries)
            if failure := failure_of(install):
                return failure
        [archive] = Path(downloads).glob("*.deb")
        return failure_to_extract(archive, FOLDER / package) or failure_to_add_user(package)


def libraries_of(package: str) -> list[str]:
    """Their names differ from one release of Debian to the next; apt knows them."""
    command = ["apt-cache", "depends", "--important", package]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    words = [line.split() for line in told.splitlines()]
    return sorted({found[1] for found in words if found[0] == "Depends:" and found[1].startswith("lib")})


def failure_to_extract(archive: Path, folder: Path) -> str:
    unfinished = folder.with_suffix(".part")
    for old in (folder, unfinished):
        shutil.rmtree(old, ignore_errors=True)
    unfinished.mkdir(parents=True)
    if failure := failure_of(("dpkg-deb", "--extract", str(archive), str(unfinished))):
        return failure
    for path in unfinished.rglob("*"):
        if path.is_file() and not path.is_symlink():  # nobody shall become root by a file that lies here for tests
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o777)
    unfinished.rename(folder)
    return ""


def failure_to_add_user(package: str) -> str:
    if package != EXIM.name or has_user(EXIM_USER):
        return ""
    options = ("--system", "--no-create-home", "--home-dir=/nonexistent", "--shell=/usr/sbin/nologin")
    return failure_of((*(as_root() or ()), "useradd", *options, EXIM_USER))
