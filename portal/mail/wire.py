"""A connection to a relay on which several commands may be on their way at once (RFC 2920).

aiosmtplib connects, starts TLS and logs in; then this protocol takes the socket over. It writes, and counts replies:
what they mean is for `delivery.py` to say. A connection that has said something it should not is never used again.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from portal.rules.said import later

_REPLY = re.compile(rb"([2-5][0-9]{2})([ -]?)([^\r\n]*)\r?")
_SIMPLE = re.compile(rb"([2-5][0-9]{2}) ([^\r\n]*)\r\n")
_FRAME = len(b"250 \r\n")
# The answers to a final dot and to the MAIL, RCPT and DATA behind it, when all is well: what is said to those three is
# not kept.
_ALL_WELL = re.compile(
    rb"250 ([^\r\n]{0,1000})\r\n250 [^\r\n]{0,1000}\r\n250 [^\r\n]{0,1000}\r\n354 [^\r\n]{0,1000}\r\n"
)
_OPENED = ((250, ""), (250, ""), (354, ""))
_ALL = 1 + len(_OPENED)
LONGEST_REPLY = 64 * 1024
MOST_LINES = 100
QUIT_SECONDS = 5.0
WRITE_SECONDS = 120.0
ONE_WRITE = 32 * 1024
"""What is shorter fits into the kernel's buffer of a connection that waits for nothing."""

Reply = tuple[int, str]
"""A reply's code and text; the lines of a longer one are joined by blanks."""

Told = Callable[[list[Reply]], None]
Heard = Callable[[str], None]
"""Gets what a relay said to a final dot."""


class Wire(asyncio.Protocol):
    """`lost` says why nothing more can be written, empty while all is well."""

    def __init__(self, transport: asyncio.BaseTransport, extensions: dict[str, str]) -> None:
        # Not asked with isinstance: uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._replies: list[Reply] = []
        self._lines: list[str] = []
        self._code = b""
        self._buffer = b""
        self._wanted = 0
        self._told: Told | None = None
        self._heard: Heard | None = None
        self._until = self._looks_at = 0.0
        self._late: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._drained = asyncio.Event()
        self._drained.set()
        self.extensions = extensions
        self.pipelining = "pipelining" in extensions
        self.lost = ""
        transport.set_protocol(self)

    def write(self, *data: bytes) -> None:
        """Writes all of it at once."""
        if not self.lost:
            self._transport.writelines(data)

    def exchange(self, data: Sequence[bytes], until: float, told: Told, heard: Heard) -> None:
        """Writes a text and its final dot, and behind them MAIL, RCPT and DATA of the next message. `until`: by the
        loop's clock.

        Where all is well, and said at once, `heard` gets the answer to the dot; else `told` gets all four replies, or
        fewer, as in `expect`. Where the connection is lost already, nothing is written, and `told` gets none.
        """
        if self.lost or self._replies:
            self.write(*data)
            self._expect(_ALL, until, told)
            return
        self._transport.writelines(data)
        self._heard = None if self._lines or self._buffer else heard
        self._wanted, self._told = _ALL, told
        self._wait(until)

    async def written(self) -> bool:
        """Waits until the kernel has all that was written; False where the connection ended before."""
        self._transport.set_write_buffer_limits(high=0)
        await asyncio.sleep(0)  # uvloop writes at the end of the loop's turn, and says only then that it must wait
        if not self._drained.is_set() and not self.lost:
            late = self._loop.call_later(WRITE_SECONDS, self.abort, later("nothing more is taken"))
            try:
                await self._drained.wait()
            finally:
                late.cancel()
        return not self.lost

    def pause_writing(self) -> None:
        self._drained.clear()

    def resume_writing(self) -> None:
        self._drained.set()

    async def replies(self, count: int, seconds: float) -> list[Reply]:
        """The next replies, in order: fewer where the connection was lost, or they took too long, which loses it.

        Call it at once after writing what they answer: a reply that nobody waits for loses the connection, too. Taken
        for the answer to what is written next, it would shift all that follow.
        """
        told: asyncio.Future[list[Reply]] = self._loop.create_future()
        self.expect(count, seconds, partial(_settle, told))
        try:
            return await told
        finally:
            self.forget()

    def expect(self, count: int, seconds: float, told: Told) -> None:
        """The same for whoever does not wait: `told` gets what `replies` returns. It must not raise."""
        self._expect(count, self._time() + seconds, told)

    def _expect(self, count: int, until: float, told: Told) -> None:
        self._wanted, self._told = count, told
        if len(self._replies) >= count or self.lost:
            self._loop.call_soon(self._wake)
        else:
            self._wait(until)

    def _wait(self, until: float) -> None:
        # One timer serves many waits: it looks at the end of the last one when it comes to that of an earlier one.
        self._until = until
        if self._late is None or self._looks_at > until:
            self._look_later()

    def forget(self) -> None:
        """Nobody is told any more, and what was expected is an answer to nothing."""
        self._told, self._heard, self._wanted = None, None, 0

    def _look_later(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._looks_at = self._until
        self._late = self._loop.call_at(self._looks_at, self._look)

    def _look(self) -> None:
        self._late = None
        if self._told is None or self.lost:
            return
        if self._time() < self._until:
            self._look_later()
        else:
            self.abort(later("no answer in time"))

    def abort(self, reason: str) -> None:
        self.lost = self.lost or reason
        self._transport.abort()
        self._wake()

    async def quit(self) -> None:
        """Ends the connection politely, where it is not lost already."""
        self.write(b"QUIT\r\n")
        await self.replies(1, QUIT_SECONDS)
        self.lost = self.lost or "closed"
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        heard = self._heard
        if heard is not None:
            well = _ALL_WELL.fullmatch(data)
            if well is not None:
                self._told, self._heard, self._wanted = None, None, 0
                heard(well[1].decode("utf-8", "replace"))
                return
            self._heard = None
        if not self._simple(data):
            *lines, self._buffer = (self._buffer + data).split(b"\n")
            for line in lines:
                if not self._line(line):
                    self.abort("an answer that is none: " + line[:80].decode("latin-1"))
                    return
        if len(self._replies) > self._wanted:
            self._drop_the_unasked()
        elif len(self._buffer) > LONGEST_REPLY:
            self.abort(later("an answer without an end"))
        elif len(self._replies) == self._wanted:
            self._wake()

    def _simple(self, data: bytes) -> bool:
        """Takes replies of one whole line each, like nearly all; False where there is anything else."""
        if self._buffer or self._lines or len(data) > LONGEST_REPLY:
            return False
        found = _SIMPLE.findall(data)
        if sum([len(text) + _FRAME for _code, text in found]) != len(data):
            return False
        self._replies += [(int(code), text.decode("utf-8", "replace")) for code, text in found]
        return True

    def _line(self, line: bytes) -> bool:
        """Takes one line; False where it is none of a reply, all of whose lines have one code (RFC 5321, 4.2.1)."""
        found = _REPLY.fullmatch(line)
        if found is None or len(line) > LONGEST_REPLY or len(self._lines) >= MOST_LINES:
            return False
        if self._lines and found[1] != self._code:
            return False
        self._code = found[1]
        self._lines.append(found[3].decode("utf-8", "replace"))
        if found[2] != b"-":
            self._replies.append((int(found[1]), " ".join(self._lines)))
            self._lines = []
        return True

    def _drop_the_unasked(self) -> None:
        code, text = [self._replies.pop() for _ in range(len(self._replies) - self._wanted)][-1]
        self.abort(f"an answer to nothing: {code} {text[:80]}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = self.lost or (type(exc).__name__ if exc else later("the connection was closed"))
        if self._late is not None:
            self._late.cancel()
        self._wake()

    def eof_received(self) -> bool:
        return False

    def _wake(self) -> None:
        if self.lost:
            self._drained.set()
        told, wanted = self._told, self._wanted
        if told is not None:
            self.forget()
            found, self._replies = self._replies[:wanted], self._replies[wanted:]
            told(found)


def replies_where_well(words: str) -> list[Reply]:
    """What `told` would have got in place of what `heard` got."""
    return [(250, words), *_OPENED]


def _settle(told: asyncio.Future[list[Reply]], replies: list[Reply]) -> None:
    if not told.done():
        told.set_result(replies)
