"""`manage.py demo`: what it refuses, in one line, and how Ctrl-C ends it. The story itself: tests/test_story.py."""

import fcntl
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from portal.cli import main; main()", "demo")


def refused(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("number", ["19", "100001", "-1"])
def test_too_few_or_too_many_members_are_refused(number: str, tmp_path: Path) -> None:
    assert refused(f"--members={number}", "--data", str(tmp_path)).endswith("is not between 20 and 100000")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("the only copy")
    assert "holds something that is not a demo's" in refused("--data", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used: Not a directory" in refused("--data", str(tmp_path / "file" / "demo"))
    assert "is not a folder" in refused("--data", str(tmp_path / "file"))


def test_a_folder_in_which_a_demo_runs_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "demo.txt").open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        assert "another demo is running in" in refused("--data", str(tmp_path))


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refused("--port", str(port), "--data", str(tmp_path))


def test_after_the_story_it_serves_until_ctrl_c_and_ends_cleanly(unused_port: int, tmp_path: Path) -> None:
    arguments = ("--members=20", f"--port={unused_port}", "--data", str(tmp_path))
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        told = []
        for line in run.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        with urlopen(f"http://127.0.0.1:{unused_port}/policies") as answer:
            assert answer.status == 200
        run.send_signal(signal.SIGINT)
        rest, complaints = run.communicate(timeout=60)
    assert run.returncode == 0
    assert complaints == ""
    assert "The demo has ended." in rest
    assert "came out as told" in "".join(told)
    assert (tmp_path / "policies_history" / "contact-forms" / "0003.toml").exists()
