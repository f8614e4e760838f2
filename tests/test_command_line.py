"""The command line as a whole; what a command does is tested with what it calls."""

import subprocess
import sys

import pytest

from portal.cli import Stop, app, history_room, keys_room, mail_room, main, members_room, staff_room

SLOW_TO_IMPORT = ("asyncio", "numpy", "pydantic", "starlette", "tortoise", "uvicorn")


def test_the_help_page_is_made_without_importing_what_commands_need() -> None:
    program = f"""
import sys, portal.cli
try:
    portal.cli.main(["--help"])
finally:
    print(sorted(set(sys.modules) & {set(SLOW_TO_IMPORT)!r}), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "demo" in done.stdout


def commands() -> list[str]:
    groups = {group.name[0]: group for group in (history_room, keys_room, mail_room, members_room, staff_room)}
    alone = [name for name in app if not name.startswith("-") and name not in groups]
    return alone + [f"{name} {command}" for name, group in groups.items() for command in group if command[0] != "-"]


@pytest.mark.parametrize("command", commands())
def test_every_command_has_a_help_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([*command.split(), "--help"])
    assert exit_.value.code == 0
    assert f" {command} " in capsys.readouterr().out.splitlines()[0] + " "


def test_an_unknown_command_is_refused_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["simulat"])
    assert exit_.value.code == 2
    assert "did you mean 'simulate'?" in capsys.readouterr().err


def test_a_stop_is_one_line_and_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["test", "--only", "weather"])
    assert exit_.value.code == 2
    [said] = capsys.readouterr().err.splitlines()
    steps = "lint, format, types, contracts, sqlite, postgresql, browser, relays"
    assert said.endswith(f"there is no step 'weather'; there are: {steps}")


def test_a_stop_fails_unless_it_says_otherwise() -> None:
    assert Stop("no").status == 1
