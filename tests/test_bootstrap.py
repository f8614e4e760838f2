"""`manage.py` on a fresh machine: in a small project of its own, with its real uv, and packages from a folder."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import manage

ROOT = Path(__file__).parents[1]
COMMAND_LINE = """
import sys, pebble
def main():
    print(sys.prefix, pebble.VERSION)
"""


@dataclass
class Project:
    """A checkout whose only requirement is `pebble`, and whose only command tells where it runs and with which one."""

    folder: Path
    packages: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv" / "made-from"

    def start(self, *arguments: str, python: str = sys.executable) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python, str(self.folder / "manage.py"), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, python: str = sys.executable) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        process = self.start(*arguments, python=python)
        out, err = process.communicate(timeout=120)
        return process.returncode, out.strip(), err.strip()

    def require(self, name: str, version: str, digest: str = "", *, file: str = "requirements.txt") -> None:
        digest = digest or self.publish(name, version)
        (self.folder / file).write_text(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")

    def publish(self, name: str, version: str) -> str:
        """Puts a wheel into the folder of packages; returns its SHA-256."""
        wheel = self.packages / f"{name}-{version}-py3-none-any.whl"
        facts = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
            archive.writestr(f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            archive.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{facts}/RECORD", f"{name}.py,,\n{facts}/METADATA,,\n{facts}/WHEEL,,\n{facts}/RECORD,,\n")
        return hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder, packages = tmp_path / "project", tmp_path / "packages"
    (folder / "portal" / "cli").mkdir(parents=True)
    packages.mkdir()
    (folder / "portal" / "cli" / "__init__.py").write_text(COMMAND_LINE)
    shutil.copy(ROOT / "manage.py", folder)
    shutil.copy(ROOT / "requirements-uv.txt", folder)
    if manage.UV.exists():
        (folder / ".uv").symlink_to(ROOT / ".uv")
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(packages), "PIP_NO_INDEX": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "VIRTUAL_ENV"))}
    made = Project(folder, packages, {**kept, **settings, "UV_CACHE_DIR": str(tmp_path / "cache")})
    made.require("pebble", "1.0")
    return made


def test_the_first_run_makes_the_environment_and_runs_the_command_in_it(project: Project) -> None:
    status, out, err = project.run()
    assert (status, out) == (0, f"{project.folder / '.venv'} 1.0")
    assert err.startswith("manage.py: making the environment (once)")
    assert "the environment is ready after" in err


def test_the_second_run_makes_nothing_and_says_nothing(project: Project) -> None:
    project.run()
    made_at = project.stamp.stat().st_mtime_ns
    assert project.run() == (0, f"{project.folder / '.venv'} 1.0", "")
    assert project.stamp.stat().st_mtime_ns == made_at


def test_a_changed_requirement_refreshes_the_environment(project: Project) -> None:
    project.run()
    project.require("pebble", "1.0.1")
    assert project.run()[:2] == (0, f"{project.folder / '.venv'} 1.0.1")


def test_the_test_command_gets_the_developers_requirements_and_later_commands_keep_them(project: Project) -> None:
    project.require("pebble", "1.0.2", file="requirements-dev.txt")
    assert project.run("test")[:2] == (0, f"{project.folder / '.venv'} 1.0.2")
    assert project.run("serve") == (0, f"{project.folder / '.venv'} 1.0.2", "")


def test_a_run_that_was_stopped_halfway_is_made_good(project: Project) -> None:
    project.run()
    project.stamp.unlink()
    next(project.folder.glob(".venv/lib/*/site-packages/pebble.py")).unlink()
    assert project.run()[:2] == (0, f"{project.folder / '.venv'} 1.0")


def test_an_environment_whose_interpreter_is_gone_is_made_anew(project: Project) -> None:
    project.run()
    python = project.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert project.run()[:2] == (0, f"{project.folder / '.venv'} 1.0")


def test_two_at_once_do_not_break_each_other(project: Project) -> None:
    processes = [project.start() for _ in range(2)]
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert [out.strip() for out, _ in said] == [f"{project.folder / '.venv'} 1.0"] * 2
    assert sum("the environment is ready" in err for _, err in said) == 1


def test_an_interpreter_that_has_everything_makes_nothing(project: Project, tmp_path: Path) -> None:
    project.run()
    python = tmp_path / "elsewhere"
    (project.folder / ".venv").rename(python)
    assert project.run(python=str(python / "bin" / "python")) == (0, f"{python} 1.0", "")
    assert not (project.folder / ".venv").exists()


def test_outside_of_a_checkout_it_makes_nothing(project: Project) -> None:
    (project.folder / "requirements.txt").unlink()
    status, _, err = project.run()
    assert status == 1
    assert "No module named 'pebble'" in err
    assert not (project.folder / ".venv").exists()


def test_a_package_with_another_hash_is_refused_in_words(project: Project) -> None:
    project.require("pebble", "1.0", digest="0" * 64)
    status, out, err = project.run()
    assert (status, out) == (1, "")
    assert "does not have the pinned hash" in err
    assert "pebble==1.0" in err
    assert "Traceback" not in err
    assert not project.stamp.exists()


def test_an_index_out_of_reach_is_named_in_words(project: Project) -> None:
    elsewhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_INDEX": "0", "UV_HTTP_RETRIES": "0"}
    project.environment |= elsewhere | {"PIP_FIND_LINKS": ""}
    status, _, err = project.run()
    assert status == 1
    assert "the package index cannot be reached" in err
    assert "http://127.0.0.1:9/simple/pebble" in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_written_is_named_in_words(project: Project) -> None:
    (project.folder / ".venv.lock").mkdir()
    status, _, err = project.run()
    assert status == 1
    assert ".venv.lock" in err
    assert "Traceback" not in err


def test_the_environment_gets_the_interpreter_that_is_named(project: Project) -> None:
    project.environment["UV_PYTHON"] = "/nowhere/python3"
    status, out, err = project.run()
    assert (status, out) == (1, "")
    assert "/nowhere/python3" in err
    assert "Traceback" not in err


@pytest.fixture
def systems_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole one of the running version, in a folder of its own that stands for the system's."""
    monkeypatch.setattr(manage, "SYSTEMS_PROGRAMS", tmp_path)
    program = tmp_path / f"python3.{sys.version_info.minor}"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    return program


def built(monkeypatch: pytest.MonkeyPatch, arguments: str) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"CONFIG_ARGS": arguments}.get)


def test_a_build_without_optimizations_leaves_the_environment_to_the_systems(
    systems_python: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, "'--enable-shared'")
    assert manage.quicker_build() == str(systems_python)
    assert f".venv gets {systems_python}" in capsys.readouterr().err


def test_a_build_with_optimizations_is_kept(systems_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert systems_python.exists()
    built(monkeypatch, "'--enable-optimizations' '--with-lto'")
    assert manage.quicker_build() is None


def test_a_system_without_this_python_or_without_all_of_it_is_not_asked(
    systems_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(monkeypatch, "")
    systems_python.write_text("#!/bin/sh\nexit 1\n")
    assert manage.quicker_build() is None
    systems_python.unlink()
    assert manage.quicker_build() is None


def test_the_systems_own_gives_way_to_nothing(systems_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "")
    monkeypatch.setattr(manage, "base_python", lambda: str(systems_python))
    assert manage.quicker_build() is None


def test_a_missing_pip_is_named_with_the_remedy() -> None:
    said = manage.explain("/usr/bin/python3: No module named pip\n")
    assert said == "cannot make the environment: pip is missing; on Debian: apt-get install python3-pip"


def test_pips_settings_are_passed_on_but_uvs_own_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/mirror")
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /two")
    monkeypatch.setenv("PIP_NO_INDEX", "yes")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/uv")
    options, environment = manage.uv_configuration()
    assert options == ["--no-index"]
    assert environment["UV_FIND_LINKS"] == "/one,/two"
    assert environment["UV_DEFAULT_INDEX"] == "http://127.0.0.1:9/uv"
