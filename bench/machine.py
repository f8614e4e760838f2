"""What a report says of the machine that it was measured on."""

import os
import platform
import sys


def machine() -> str:
    """Cores, memory and system of this machine, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {_system()}"


def python() -> str:
    """The running interpreter, and whether the system brought it: another build of it may take more or less."""
    whose = "the system's" if sys.base_prefix == "/usr" else "not the system's"
    return f"{platform.python_implementation()} {platform.python_version()} ({whose})"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()
