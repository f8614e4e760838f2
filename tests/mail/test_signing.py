"""The processes that sign: they may die, be interrupted or lose their owner, and nothing waits for ever."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop

from portal.mail import signing
from portal.mail.connecting import RelayUnusable
from portal.mail.signing import GROUP, Signing
from tests.support.dkim import Published

ROOT = Path(__file__).parents[2]
OWNER = """
import asyncio, multiprocessing, sys
from pathlib import Path
from portal.mail.dkim import Signatory
from portal.mail.dkim_key import der_of, read_key
from portal.mail.signing import Signing, SigningKey

async def main():
    key = SigningKey(Signatory("ternwick.example", "s"), der_of(read_key(Path(sys.argv[1]))))
    await Signing(key, 2).signed([b"From: a@ternwick.example\\r\\n\\r\\nHello\\r\\n"])
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def message(number: int) -> bytes:
    return f"From: a@ternwick.example\r\nTo: m{number}@example.org\r\nSubject: {number}\r\n\r\nHello\r\n".encode()


MESSAGES = [message(number) for number in range(4 * GROUP)]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


@pytest.fixture
async def pool(published: Published) -> AsyncIterator[Signing]:
    pool = Signing(published.key(), 2)
    yield pool
    await pool.close()
    assert pids() == []


def pids() -> list[int]:
    return [process.pid for process in multiprocessing.active_children() if process.pid is not None]


async def all_signed(pool: Signing) -> list[bytes]:
    """The messages with their signatures, handed over in groups at once."""
    groups = [MESSAGES[at : at + GROUP] for at in range(0, len(MESSAGES), GROUP)]
    headers = [header for group in await asyncio.gather(*map(pool.signed, groups)) for header in group]
    assert None not in headers
    return [(header or b"") + message for header, message in zip(headers, MESSAGES, strict=True)]


async def test_messages_get_their_own_signatures_in_their_order(pool: Signing, published: Published) -> None:
    assert pids() == []  # none before there is work
    found = await all_signed(pool)
    assert len(pids()) == 2
    assert all(published.verifies(one) for one in found)


def test_they_work_under_the_loop_of_the_server(published: Published) -> None:
    async def main() -> list[bytes]:
        pool = Signing(published.key(), 2)
        try:
            return await all_signed(pool)
        finally:
            await pool.close()

    assert all(published.verifies(one) for one in uvloop.run(main()))


async def test_what_is_no_message_keeps_no_other_from_its_signature(pool: Signing) -> None:
    assert [header is None for header in await pool.signed([MESSAGES[0], b"no message", MESSAGES[1]])] == [
        False, True, False,
    ]  # fmt: skip


async def test_processes_that_die_are_replaced_and_their_messages_signed(pool: Signing, published: Published) -> None:
    await all_signed(pool)
    before = pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert all(published.verifies(one) for one in await all_signed(pool))
    working = asyncio.ensure_future(all_signed(pool))
    await asyncio.sleep(0.005)
    for pid in pids():
        os.kill(pid, signal.SIGKILL)
    assert all(published.verifies(one) for one in await working)
    assert not set(before) & set(pids())


async def test_a_process_that_hangs_is_replaced(
    pool: Signing, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_signed(pool)
    stopped = pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(signing, "GROUP_SECONDS", 0.5)
    working = asyncio.ensure_future(all_signed(pool))
    await asyncio.sleep(0.1)  # the first groups are with processes that do nothing
    monkeypatch.undo()
    assert all(published.verifies(one) for one in await working)
    assert not set(stopped) & set(pids())


async def test_processes_that_always_die_are_told_as_a_reason_to_send_nothing(
    pool: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_work", _dies)
    with pytest.raises(RelayUnusable, match="cannot be signed"):
        await pool.signed(MESSAGES[:1])
    monkeypatch.undo()
    assert await pool.signed(MESSAGES[:1])


def _dies(*_: object) -> None:
    os._exit(1)


async def test_who_stops_waiting_gets_nobody_elses_signature(pool: Signing, published: Published) -> None:
    await all_signed(pool)
    for number in range(8):
        waiting = [asyncio.ensure_future(pool.signed(MESSAGES[:GROUP])) for _ in range(3)]
        await asyncio.sleep(number / 1600)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        [header] = await pool.signed(MESSAGES[20:21])
        assert published.verifies((header or b"") + MESSAGES[20])


async def test_ctrl_c_is_for_their_owner(pool: Signing, published: Published) -> None:
    await all_signed(pool)
    before = sorted(pids())
    for pid in before:
        os.kill(pid, signal.SIGINT)
    assert all(published.verifies(one) for one in await all_signed(pool))
    assert sorted(pids()) == before


@pytest.mark.parametrize("end", [subprocess.Popen.kill, subprocess.Popen.terminate], ids=["killed", "ended"])
async def test_they_end_with_an_owner_who_cannot_say_so(
    published: Published, end: Callable[["subprocess.Popen[str]"], None]
) -> None:
    command = [sys.executable, "-c", OWNER, str(published.file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:  # noqa: ASYNC220
        assert owner.stdout is not None
        theirs = [int(pid) for pid in owner.stdout.readline().split()]
        end(owner)
        owner.wait()
        assert theirs
        async with asyncio.timeout(60):
            while any(_lives(pid) for pid in theirs):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


def _lives(pid: int) -> bool:
    """Whether there is such a process, and not only its remains."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
