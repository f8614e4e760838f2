"""`manage.py staff add` and `staff reset`, run as a person would run them."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.actions.session import sign_in_staff
from portal.rules.errors import RuleBroken
from portal.store import connect, disconnect
from portal.store.staff import Staff
from portal.web.clock import now

MANAGE = Path(__file__).parents[2] / "manage.py"
PASSWORD = "correct horse battery staple"
ANN = ("ann@example.com", "--name", "Ann Admin", "--role", "admin", "--role", "legal")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def surroundings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PORTAL_DATABASE_URL": database_url, "PORTAL_DATA": str(tmp_path)}


@pytest.fixture
def staff(surroundings: dict[str, str]) -> Run:
    """Runs a command with a password on stdin."""

    def run(*arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, str(MANAGE), "staff", *arguments, "--password-stdin")
        return subprocess.run(
            command, input=password + "\n", env=surroundings, capture_output=True, text=True, timeout=60, check=False
        )

    return run


async def signs_in(url: str, email: str, password: str) -> bool:
    await connect(url)
    try:
        await sign_in_staff(email, password, now())
    except RuleBroken:
        return False
    finally:
        await disconnect()
    return True


async def people(url: str) -> list[tuple[str, str, list[str]]]:
    await connect(url)
    try:
        return [(person.email, person.name, person.roles) for person in await Staff.all()]
    finally:
        await disconnect()


async def test_the_first_admin_is_added_and_can_sign_in(staff: Run, database_url: str) -> None:
    done = staff("add", *ANN)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Ann Admin can sign in as ann@example.com with the roles: admin, legal\n"
    assert await people(database_url) == [("ann@example.com", "Ann Admin", ["admin", "legal"])]
    assert await signs_in(database_url, "ann@example.com", PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (ANN, "short", "Use at least 12 characters."),
        (("ann", *ANN[1:]), PASSWORD, "Enter an address like name@example.org."),
        ((*ANN, "--role", "king"), PASSWORD, "Choose one role or more of: admin, approver, legal, ops."),
    ],
)
async def test_what_is_wrong_is_said_in_one_line(
    staff: Run, database_url: str, arguments: tuple[str, ...], password: str, said: str
) -> None:
    done = staff("add", *arguments, password=password)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"manage.py: {said}\n")
    assert await people(database_url) == []


async def test_an_address_that_is_known_is_refused(staff: Run) -> None:
    assert staff("add", *ANN).returncode == 0
    done = staff("add", *ANN)
    assert (done.returncode, done.stderr) == (1, "manage.py: There is a person with this address already.\n")


async def test_a_reset_replaces_the_password(staff: Run, database_url: str) -> None:
    staff("add", *ANN)
    done = staff("reset", "Ann@Example.com", password=PASSWORD[::-1])
    assert (done.returncode, done.stdout) == (0, "Ann Admin has a new password; their sessions have ended\n")
    assert not await signs_in(database_url, "ann@example.com", PASSWORD)
    assert await signs_in(database_url, "ann@example.com", PASSWORD[::-1])


def test_nobody_to_reset_is_said(staff: Run) -> None:
    done = staff("reset", "ann@example.com")
    assert (done.returncode, done.stderr) == (1, "manage.py: There is nobody with the address ann@example.com.\n")


def test_without_a_terminal_and_without_stdin_nobody_is_asked(surroundings: dict[str, str]) -> None:
    command = (sys.executable, str(MANAGE), "staff", "add", *ANN)
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "--password-stdin" in done.stderr


@pytest.mark.parametrize(("second", "status"), [(PASSWORD, 0), (PASSWORD + "x", 1)])
def test_at_a_terminal_the_password_is_typed_twice(surroundings: dict[str, str], second: str, status: int) -> None:
    shown, code = at_terminal((sys.executable, str(MANAGE), "staff", "add", *ANN), surroundings, [PASSWORD, second])
    assert code == status
    assert PASSWORD not in shown
    assert ("can sign in" if status == 0 else "the two passwords differ; nothing was changed") in shown


def at_terminal(command: tuple[str, ...], surroundings: dict[str, str], answers: list[str]) -> tuple[str, int]:
    """Runs the command in a terminal of its own; an answer is typed whenever a prompt ends with `: `."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(command[0], command, surroundings)
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 1024)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        shown += piece
        if shown.endswith(b": ") and answers:
            os.write(terminal, answers.pop(0).encode() + b"\n")
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
