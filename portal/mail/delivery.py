"""One message after the other over one connection: each exchange ends one and opens the next.

Where the relay offers PIPELINING, a message's text and final dot travel together with MAIL, RCPT and DATA of the next
one (RFC 2920, 3.1: a group may begin with the text, and must end with DATA); so a message costs one round trip. The
next one's own text is written only in the following exchange: what has to be on record before a final dot has its time
in between.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from portal.mail.outcome import Outcome, Stage, Verdict, answered, masked
from portal.mail.wire import ONE_WRITE, Heard, Reply, Told, Wire

COMMAND_SECONDS = 120.0
# RFC 5321, 4.5.3.2.6: a server may take ten minutes over the final dot, and giving up early makes duplicates.
ANSWER_SECONDS = 600.0
CONFIGURATION_CODES = frozenset({502, 504, 523, 530, 534, 535, 538})
LOGIN_CODES = frozenset({530, 538})
"""Log in, or encrypt, first (RFC 4954, 6): an answer to whatever command."""
_CODE = itemgetter(0)
DOT = b".\r\n"
USUAL = [250, 250, 250, 354]
"""Accepted, and the next one opened."""
TOO_LARGE = "5.3.4"  # RFC 3463: message too big for system


class Parcel(NamedTuple):
    """A message for one recipient. No line of `content` begins with a dot; the last one ends in CRLF. `envelope_id`: by
    which a report names the message (RFC 3461, 4.4). `eight_bits`: whether `content` is more than ASCII."""

    sender: str
    recipient: str
    content: bytes
    envelope_id: str = ""
    eight_bits: bool = False


class Exchanged(NamedTuple):
    """`ended`: what became of the message whose text was written. `refused`: why the next one's text cannot be; None
    where the relay waits for it. `too_large`: the next one was not even begun, the relay takes none of its size.
    `unusable`: the relay takes nothing before somebody changes the configuration."""

    ended: Outcome | None = None
    refused: Outcome | None = None
    too_large: str = ""
    unusable: str = ""


class Delivery:
    """The dialogue on one wire. After an exchange that opened a message, the next one has to end it."""

    def __init__(self, wire: Wire, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.wire = wire
        self._answer_seconds = answer_seconds
        self._eight_bits = "8bitmime" in wire.extensions
        self._reports = "dsn" in wire.extensions
        limit = wire.extensions.get("size", "")
        self._most = int(limit) if limit.isdecimal() else 0
        self._room = min(ONE_WRITE - 1, self._most or ONE_WRITE) if wire.pipelining else -1
        """How many bytes a text may have that takes no more than one write."""

    async def exchange(self, ending: Parcel | None, opening: Parcel | None) -> Exchanged:
        """Writes the text of the message that was opened before, and opens the next one."""
        if opening is not None and self._is_too_large(opening):
            said = f"The relay takes messages of {self._most} bytes, this one has {len(opening.content)}."
            return Exchanged(ended=await self._end(ending), too_large=said)
        if opening is None:
            return Exchanged(ended=await self._end(ending))
        if not self.wire.pipelining:
            ended = await self._end(ending)
            return await self._step(ended, opening)
        commands = self._all_commands(opening)
        if ending is None:
            self.wire.write(commands)
            return await self._opened(None, await self.wire.replies(3, COMMAND_SECONDS), opening)
        if not await self._text(ending, commands):
            return self._lost(ending, opening)
        return await self.concluded(await self.wire.replies(4, self._answer_seconds), ending, opening)

    def begin(self, ending: Parcel, opening: Parcel, now: float, told: Told, heard: Heard) -> bool:
        """The same without waiting: `heard` gets the answer to the text where all is well (see `accepted`), else `told`
        gets the replies, and `concluded` says what they mean. `now`: by the loop's clock.

        False, and nothing is written, where it takes more than one write.
        """
        content, room, wire = ending.content, self._room, self.wire
        if len(content) > room or len(opening.content) > room or wire.lost:
            return False
        wire.exchange((content, DOT + self._all_commands(opening)), now + self._answer_seconds, told, heard)
        return True

    def is_usual(self, replies: Sequence[Reply]) -> bool:
        """Whether they say that one message was accepted and that the relay waits for the next one's text."""
        return list(map(_CODE, replies)) == USUAL and not self.wire.lost

    async def concluded(self, replies: list[Reply], ending: Parcel, opening: Parcel) -> Exchanged:
        """What the replies to both come to."""
        ended = self.ended(replies.pop(0) if replies else None, ending)
        return await self._opened(ended, replies, opening)

    async def _end(self, ending: Parcel | None) -> Outcome | None:
        if ending is None:
            return None
        if not await self._text(ending, b""):
            return Outcome(Verdict.NOT_SENT, Stage.DATA, self.wire.lost)
        replies = await self.wire.replies(1, self._answer_seconds)
        return self.ended(replies[0] if replies else None, ending)

    async def _text(self, ending: Parcel, behind: bytes) -> bool:
        """Writes the text, the dot and what follows it; False where the dot cannot have gone out."""
        if len(ending.content) < ONE_WRITE:
            self.wire.write(ending.content, DOT + behind)
            return not self.wire.lost
        self.wire.write(ending.content)
        if not await self.wire.written():
            return False
        self.wire.write(DOT + behind)
        return True

    async def _step(self, ended: Outcome | None, opening: Parcel) -> Exchanged:
        """Without PIPELINING: a command, its reply, the next command."""
        replies: list[Reply] = []
        for command in self._all_commands(opening).splitlines(keepends=True):
            self.wire.write(command)
            replies += await self.wire.replies(1, COMMAND_SECONDS)
            if not replies or replies[-1][0] >= 400 or self.wire.lost:
                break
        return await self._opened(ended, replies, opening)

    async def _opened(self, ended: Outcome | None, replies: list[Reply], opening: Parcel) -> Exchanged:
        for stage, (code, text) in zip((Stage.MAIL, Stage.RCPT, Stage.DATA), replies, strict=False):
            if code in ((354,) if stage is Stage.DATA else (250, 251, 252)):
                continue
            if code in (CONFIGURATION_CODES if stage is Stage.MAIL else LOGIN_CODES):
                self.wire.abort("not usable")
                return Exchanged(ended, unusable=masked(f"{code} {text}"))
            refused = answered(stage, code, text, opening.recipient)
            if refused.verdict is Verdict.ACCEPTED:  # 2xx where it means nothing, say in answer to DATA
                refused = Outcome(Verdict.DEFERRED, refused.code, refused.reply)
            await self._reset(code, replies)
            return Exchanged(ended, refused=refused)
        if len(replies) < 3 or self.wire.lost:
            return Exchanged(ended, refused=self._not_sent(opening, min(len(replies), 2)))
        return Exchanged(ended)

    async def _reset(self, code: int, replies: list[Reply]) -> None:
        """Makes the connection ready for the next message, or closes it."""
        if code == 421 or not 400 <= code < 600 or self.wire.lost:
            self.wire.abort("the relay ended it")
            return
        if len(replies) == 3 and replies[2][0] == 354:  # DATA was taken without a recipient: an empty text ends it
            self.wire.write(DOT)
            await self.wire.replies(1, COMMAND_SECONDS)
        self.wire.write(b"RSET\r\n")
        answer = await self.wire.replies(1, COMMAND_SECONDS)
        if not answer or answer[0][0] >= 300:
            self.wire.abort("not reset")

    def ended(self, reply: Reply | None, parcel: Parcel) -> Outcome:
        """What became of a message whose text was written; `reply` is None where none came."""
        if reply is None:
            return Outcome(Verdict.UNKNOWN, "", masked(self.wire.lost, parcel.recipient))
        code, text = reply
        if code == 421:
            self.wire.abort("the relay ended it")
        return answered(Stage.DATA, code, text, parcel.recipient)

    def _lost(self, ending: Parcel, opening: Parcel) -> Exchanged:
        ended = Outcome(Verdict.NOT_SENT, Stage.DATA, masked(self.wire.lost, ending.recipient))
        return Exchanged(ended, refused=self._not_sent(opening, 0))

    def _not_sent(self, opening: Parcel, replies: int) -> Outcome:
        stage = ("", Stage.RCPT, Stage.DATA)[replies]
        return Outcome(Verdict.NOT_SENT, stage, masked(self.wire.lost, opening.recipient))

    def _is_too_large(self, parcel: Parcel) -> bool:
        return 0 < self._most < len(parcel.content)

    def _all_commands(self, parcel: Parcel) -> bytes:
        """All that is said before a message's text, at once."""
        sender, recipient, _content, envelope_id, eight_bits = parcel
        more = " BODY=8BITMIME" if eight_bits and self._eight_bits else ""
        if envelope_id and self._reports:
            more += f" RET=HDRS ENVID={envelope_id}"
        return f"MAIL FROM:<{sender}>{more}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode("ascii")
