"""What comes back by mail, as the company's mail server hands it over: reports of bounces, and replies that object."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from portal.rules.scenario_file import Event
from portal.store.answers import Objection, Way
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.replies import Reply
from portal.store.returned import HandledAs, ReturnedMail
from tests.stateful.answered import Place, names, places
from tests.stateful.by_ops import Ops
from tests.support.came_back import dsn
from tests.support.relay import Received
from tests.support.replies import PROGRAMS, answered

programs = st.sampled_from(sorted(PROGRAMS))


def arrived(number: int, message: bytes) -> bytes:
    """As the company's mail server hands it over, no two alike."""
    return f"Received: from mx.example.net by mx.example.com as {number}\r\n".encode() + message


class Correspondents(Ops):
    """Mail servers that send reports, and members who answer the notice itself."""

    @rule(who=names, which=places, of=st.integers(0, 2), times=st.sampled_from(["once", "twice"]))
    def a_report_comes_in(self, who: str, which: int, of: int, times: str) -> None:
        """Of one of the sendings, be it the first or the last; a mail server may hand it over again."""
        place = self.place(who, which)
        if mails := self.mails.get(place):
            self.act(self._report, place, of % len(mails), times)

    async def _report(self, place: Place, which: int, times: str) -> None:
        mail = self.mails[place][which]
        standing = self.promised.unbounced(place.slug, place.who, place.number)
        counts = which + 1 in standing and not self.promised.closed(place.who)
        report = arrived(self.steps, dsn(headers=f"Message-ID: {mail.message_id}\n", to=mail.sender))
        taken = await self.portal.hand_over("", mail.sender, report)
        if times == "twice":
            assert await self.portal.hand_over("", mail.sender, report) == taken
        returned = await ReturnedMail.get(id=taken)
        assert returned.handled_as is (HandledAs.RECORDED if counts else HandledAs.IGNORED)
        if counts:
            self.happen(place.slug, Event(self.now, "bounced", place.who, place.number, sending=which + 1))

    @rule(who=names, which=places, program=programs)
    def a_reply_objects(self, who: str, which: int, program: str) -> None:
        place = self.place(who, which)
        if mails := self.mails.get(place):
            self.act(self._reply, place, mails[-1], program)

    async def _reply(self, place: Place, mail: Received, program: str) -> None:
        """Closing, it is in force and waits for its code; freezing, it waits for that before it is in force. Another
        one is the same as one that waits, also when time is over."""
        event = Event(self.now, "objected", place.who, place.number)
        waiting = None if self.promised.closed(place.who) else self.waiting(place, "objection", "")
        refusal = self.would_be(place, event) if waiting is None else None
        letter = arrived(self.steps, PROGRAMS[program]("I object to the changes.", answered(mail.content)))
        taken = await self.portal.hand_over(self.portal.addresses[place.who], mail.sender, letter)
        reply = await Reply.get(returned_id=taken)
        assert reply.refusal == (refusal or ""), refusal
        if refusal is not None:
            return
        if waiting is not None:
            assert (await Declaration.get(id=reply.declaration_id)).number == waiting.number
            return
        if self.closes(place, self.promised.policies[place.slug].version(place.number).objectable):
            objection = await Objection.get(id=reply.objection_id)
            assert objection.way is Way.REPLY
            self.note_filed(place, objection.number, [], self.happen(place.slug, event))
        else:
            declaration = await Declaration.get(id=reply.declaration_id)
            assert declaration.kind is DeclarationKind.OBJECTION
            self.declare(place, "objection", "", declaration.number)
