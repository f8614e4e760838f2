"""Single messages over one connection to the relay, each with an answer that can be relied on."""

from portal.mail.connecting import RelaySettings, RelayUnusable
from portal.mail.delivery import TOO_LARGE, Delivery, Parcel
from portal.mail.outcome import Outcome, Verdict
from portal.mail.relays import Relays

__all__ = ["Relay", "RelaySettings", "RelayUnusable"]


class Relay:
    """A connection that is opened when it is needed, and again after it broke. One message at a time."""

    def __init__(self, settings: RelaySettings | Relays) -> None:
        self._relays = settings if isinstance(settings, Relays) else Relays([settings])
        self._delivery: Delivery | None = None
        self._fresh = False

    async def ready(self) -> Delivery:
        """The connection, opened where there is none. Raises RelayUnusable."""
        if self._delivery is None or self._delivery.wire.lost:
            self._delivery, kept = await self._connected()
            self._fresh = not kept
        return self._delivery

    async def _connected(self) -> tuple[Delivery, bool]:
        """A connection of its own; where the relay takes no further one, the next that a campaign gives up."""
        try:
            return await self._relays.connect()
        except RelayUnusable as reason:
            if reason.lasting or not self._relays.busy or not await self._relays.ask():
                raise
            return await self._relays.connect()

    async def send(self, message: bytes, sender: str, recipient: str) -> Outcome:
        """Sends one message (RFC 5321 mail transaction). Raises RelayUnusable, with nothing sent.

        Where a connection that was kept turns out to be dead at the first command, one new one is tried.
        """
        parcel = Parcel(sender, recipient, _stuffed(message), eight_bits=not message.isascii())
        while True:
            delivery = await self.ready()
            fresh, self._fresh = self._fresh, False
            try:
                outcome = await _sent(delivery, parcel)
            except BaseException:
                delivery.wire.abort("cancelled")  # the next command would get this one's answer
                raise
            if outcome.verdict is Verdict.NOT_SENT and not outcome.code and not fresh:
                continue
            return outcome

    async def quit(self) -> None:
        """Ends the connection politely, where there is one."""
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.wire.quit()


async def _sent(delivery: Delivery, parcel: Parcel) -> Outcome:
    opened = await delivery.exchange(None, parcel)
    if opened.unusable:
        raise RelayUnusable(opened.unusable, lasting=True)
    if opened.too_large:
        return Outcome(Verdict.FAILED, TOO_LARGE, opened.too_large)
    if opened.refused is not None:
        return opened.refused
    ended = (await delivery.exchange(parcel, None)).ended
    assert ended is not None
    return ended


def _stuffed(message: bytes) -> bytes:
    """The text with leading dots doubled (RFC 5321, 4.5.2) and a line's end at its end."""
    body = message.replace(b"\r\n.", b"\r\n..")
    body = b"." + body if body.startswith(b".") else body
    return body if body.endswith(b"\r\n") else body + b"\r\n"
