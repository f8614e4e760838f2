"""What holds for the repository as a whole and no other tool checks."""

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# In parts, so that this file does not hold what it looks for.
NOWHERE = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"))]
PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("address", NOWHERE)
def test_no_file_names_a_package_registrys_address(address: str) -> None:
    assert [path for path in files() if address.encode() in path.read_bytes()] == []


def test_only_the_settings_read_the_environment() -> None:
    reads = re.compile(r"\bos\.(environ|getenv)|\bfrom os import .*(environ|getenv)")
    found = [path for path in (ROOT / "portal").rglob("*.py") if reads.search(path.read_text())]
    assert [path for path in found if path.name != "environment.py"] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_requirement_is_pinned_with_hashes_and_no_index_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|-f|--find-links)\b", text, re.MULTILINE)


def test_the_developers_requirements_contain_the_portals_own_in_the_same_versions() -> None:
    portals, developers = (set(PIN.findall((ROOT / f"requirements{kind}.txt").read_text())) for kind in ("", "-dev"))
    assert portals <= developers


def test_everything_that_the_project_depends_on_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pinned = {name for name, _ in PIN.findall((ROOT / "requirements-dev.txt").read_text())}
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    assert {re.split(r"[<>=!~\[; ]", requirement)[0] for requirement in wanted} <= pinned


def test_the_vendored_axe_is_the_one_its_note_names() -> None:
    folder = ROOT / "tests" / "browser"
    digest = hashlib.sha256((folder / "axe.min.js").read_bytes()).hexdigest()
    assert digest in (folder / "axe.txt").read_text()


def test_the_wheel_holds_the_pages_the_style_and_the_samples(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for folder in ("templates", "static", "policies_history"):
        here = {path for path in files() if path.is_relative_to(ROOT / folder)}
        assert here
        assert {f"portal/_data/{path.relative_to(ROOT)}" for path in here} <= names
