"""Peers that are not on this machine: what is said of them, and how those from npm come here."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


class NotRun(Exception):
    """The peer is not here; the message says what is missing."""


def need_npm_package(name: str) -> None:
    """Installs what `package-lock.json` names, if the package is not here yet. Raises NotRun."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise NotRun("Node.js and npm are not installed")
    if not (HERE / "node_modules" / name).exists():
        ran = subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=False, capture_output=True, text=True)
        if ran.returncode:
            raise NotRun(f"npm ci: {ran.stderr.strip().splitlines()[-1:] or ran.returncode}")
