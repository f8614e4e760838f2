"""Whoever asks the LMTP door for too much is told 421 and sent away; everybody else is served meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from portal.mail import lmtp
from portal.mail.lmtp import Doors, Limits, Porter
from portal.mail.returned import Envelope

OURS = ("bounces@example.com",)
MESSAGE = b"Subject: x\r\n\r\ny\r\n"


class Taken(list[bytes]):
    """Messages that were handed over; `hold` keeps the reply back."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = asyncio.Event()
        self.hold.set()

    async def take(self, content: bytes, _envelope: Envelope) -> str:
        self.append(content)
        await self.hold.wait()
        return "250 2.0.0 taken in"


class Client:
    """A mail server at the other end of a real socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        """The last line of the next reply, empty where the connection was closed."""
        while (line := (await self.reader.readline()).decode().strip())[3:4] == "-":
            pass
        return line

    async def say(self, line: str) -> str:
        self.writer.write(f"{line}\r\n".encode())
        return await self.reply()

    async def begin(self) -> str:
        """Up to where the message may come."""
        assert (await self.say("MAIL FROM:<>"))[:3] == "250"
        assert (await self.say("RCPT TO:<bounces@example.com>"))[:3] == "250"
        return await self.say("DATA")

    async def hand_over(self, message: bytes = MESSAGE) -> str:
        assert (await self.begin())[:3] == "354"
        self.writer.write(message + b".\r\n")
        return await self.reply()


class Place:
    """A door that listens, and clients of it."""

    def __init__(self, doors: Doors, taken: Taken, port: int, stack: AsyncExitStack) -> None:
        self.doors, self.taken, self._port, self._stack = doors, taken, port, stack

    async def client(self, greeting: str = "220", *, named: bool = True) -> Client:
        made = Client(*await asyncio.open_connection("127.0.0.1", self._port))
        self._stack.callback(made.writer.close)
        assert (await made.reply())[:3] == greeting
        if greeting == "220" and named:
            assert (await made.say("LHLO mx.example.com"))[:3] == "250"
        return made


@asynccontextmanager
async def place(limits: Limits) -> AsyncIterator[Place]:
    taken = Taken()
    doors = Doors(Porter(OURS, taken.take), limits)
    server = await asyncio.get_running_loop().create_server(doors, "127.0.0.1", 0)
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        yield Place(doors, taken, server.sockets[0].getsockname()[1], stack)
        server.close()
        await doors.close(1)
    await asyncio.sleep(0)


async def test_a_connection_too_many_is_told_to_come_later_and_the_others_go_on() -> None:
    async with place(Limits(connections=2)) as here:
        one, other = await here.client(), await here.client()
        await one.begin()
        late = Client(*await asyncio.open_connection("127.0.0.1", here._port))
        assert await late.reply() == lmtp.FULL
        assert await late.reply() == ""
        one.writer.write(MESSAGE + b".\r\n")
        assert (await one.reply())[:3] == "250"
        assert await other.hand_over() == "250 2.0.0 taken in"
        assert (await one.say("QUIT"))[:3] == "221"
        assert await one.reply() == ""
        again = await here.client()
        assert await again.hand_over() == "250 2.0.0 taken in"
        late.writer.close()
        assert len(here.taken) == 3


async def test_a_client_that_vanishes_gives_its_place_back() -> None:
    async with place(Limits(connections=1)) as here:
        for _ in range(3):
            gone = await here.client()
            await gone.begin()
            gone.writer.transport.abort()
            await until(lambda: not here.doors._open)
        assert await (await here.client()).hand_over() == "250 2.0.0 taken in"
        assert len(here.taken) == 1


async def test_after_enough_messages_the_connection_ends_and_another_goes_on() -> None:
    async with place(Limits(messages=2)) as here:
        client = await here.client()
        for _ in range(2):
            assert await client.hand_over() == "250 2.0.0 taken in"
        assert await client.say("MAIL FROM:<>") == lmtp.ENOUGH
        assert await client.reply() == ""
        assert await (await here.client()).hand_over() == "250 2.0.0 taken in"
        assert here.taken == [MESSAGE] * 3


@pytest.mark.parametrize("far", ["silent", "in the message"])
async def test_who_says_nothing_for_too_long_is_told_so(far: str) -> None:
    async with place(Limits(connections=1, seconds=0.2)) as here:
        client = await here.client()
        if far == "in the message":
            await client.begin()
            client.writer.write(b"Subject: x\r\n")
        assert await client.reply() == lmtp.SILENT
        assert await client.reply() == ""
        assert await (await here.client()).hand_over() == "250 2.0.0 taken in"
        assert here.taken == [MESSAGE]


async def test_a_message_that_is_too_large_is_refused_and_the_next_is_taken() -> None:
    async with place(Limits(size=10_000)) as here:
        client = await here.client()
        assert (await client.hand_over(b"z" * 98 + b"\r\n" + MESSAGE * 800))[:3] == "552"
        assert (await client.hand_over(b"z" * 12_000 + b"\r\n"))[:3] == "500"
        assert await client.hand_over() == "250 2.0.0 taken in"
        assert here.taken == [MESSAGE]


@pytest.mark.parametrize("piece", [b"z" * 1000, b"z" * 998 + b"\r\n"], ids=["one line", "lines"])
async def test_a_message_without_an_end_is_cut_off_instead_of_kept(piece: bytes) -> None:
    async with place(Limits(connections=1, size=50_000)) as here:
        client = await here.client()
        await client.begin()
        client.writer.write(piece * 101)
        assert await client.reply() == lmtp.FLOOD
        assert await client.reply() == ""
        assert await (await here.client()).hand_over() == "250 2.0.0 taken in"
        assert here.taken == [MESSAGE]


async def test_who_says_noop_for_ever_holds_no_place() -> None:
    async with place(Limits(connections=1)) as here:
        client = await here.client()
        client.writer.write(b"NOOP\r\n" * (lmtp.MOST_COMMANDS + 1))
        replies = [await client.reply() for _ in range(lmtp.MOST_COMMANDS + 1)]
        assert {reply[:3] for reply in replies[:-1]} == {"250"}
        assert replies[-1].startswith("421 4.7.0 NOOP")
        assert await client.reply() == ""
        await here.client()


async def test_at_the_end_a_message_on_the_wire_is_taken_and_the_rest_is_told_to_come_again() -> None:
    async with place(Limits()) as here:
        idle, busy = await here.client(), await here.client()
        here.taken.hold.clear()
        await busy.begin()
        busy.writer.write(MESSAGE + b".\r\n")
        await until(lambda: len(here.taken) == 1)
        closing = asyncio.create_task(here.doors.close(30))
        await asyncio.sleep(0)
        assert not closing.done()
        here.taken.hold.set()
        assert await busy.reply() == "250 2.0.0 taken in"
        await closing
        assert [await busy.reply(), await idle.reply()] == [lmtp.DOWN] * 2
        assert [await busy.reply(), await idle.reply()] == ["", ""]


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not so():  # noqa: ASYNC110 - what is waited for happens in a library
            await asyncio.sleep(0.01)
