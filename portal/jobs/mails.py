"""The job that sends the mails that are not notices: receipts, codes, sign-in links, proofs."""

from datetime import datetime
from functools import partial

from portal.actions.letters import letter_of
from portal.actions.outbox import begin_mail, claim_mail, give_mail_back, record_mail_outcome, release_mail
from portal.jobs.office import Office, log_error
from portal.mail.compose import Recipient, compose, token_in
from portal.mail.outcome import Outcome, Verdict
from portal.mail.recipient import NotSendable, sendable
from portal.mail.smtp import Relay, RelayUnusable
from portal.rules.said import later
from portal.store.address_changes import AddressChange
from portal.store.contacts import name_of
from portal.store.members import Address, Member
from portal.store.outage import outage_of
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.staff import Staff

BATCH = 20
EXPIRED = Outcome(Verdict.FAILED, "expired", later("not sent: it was used or had run out"))
NOT_SENDABLE = later("no mail can be sent to this address")
NOT_COMPOSED = Outcome(Verdict.FAILED, "not_composed", later("the message cannot be made"))


async def send_mails(office: Office) -> None:
    """Sends what is due, the oldest first, over one connection, which no campaign can take away."""
    relay = office.relay()
    try:
        while not office.closed:
            claimed = await claim_mail(office.owner, office.clock(), BATCH)
            if not claimed:
                return
            await _send_batch(office, relay, claimed)
    finally:
        await relay.quit()


async def _send_batch(office: Office, relay: Relay, claimed: list[OutgoingMail]) -> None:
    try:
        for mail in claimed:
            if office.closed:
                return
            await relay.ready()
            await _send(office, relay, mail, await _message(office, mail))
    except RelayUnusable as reason:
        office.halt(reason)
    finally:
        await office.backlog.record(partial(release_mail, [mail.id for mail in claimed], office.owner))


async def _send(office: Office, relay: Relay, mail: OutgoingMail, made: tuple[bytes, str, Outcome | None]) -> None:
    at, (message, to, problem) = office.clock(), made
    if not await begin_mail(mail, office.owner, at):
        return
    office.backlog.works()
    if problem is not None:
        await _record(office, mail, problem, at)
        return
    try:
        return_path = office.sender.return_path_of(f"m{mail.id}-{token_in(mail.message_id)[:12]}")
        outcome = await relay.send(message, return_path, to)
    except RelayUnusable:
        await office.backlog.record(partial(give_mail_back, mail, office.owner, at))
        raise
    office.note(outcome)
    await _record(office, mail, outcome, office.clock())


async def _record(office: Office, mail: OutgoingMail, outcome: Outcome, at: datetime) -> None:
    await office.backlog.record(partial(record_mail_outcome, mail, outcome, office.owner, at, office.retries))


async def _message(office: Office, mail: OutgoingMail) -> tuple[bytes, str, Outcome | None]:
    """The message, signed, and its recipient; or, as the third, why there is none. Raises RelayUnusable."""
    at = office.clock()
    mail.message_id = office.sender.message_id(token_in(mail.message_id))
    try:
        to = await _recipient(mail)
        letter = await letter_of(mail, office.keys, office.sender, at)
        if letter is None:
            return b"", "", EXPIRED
        message = compose(letter, office.sender, to, mail.message_id, at)
    except NotSendable as reason:
        return b"", "", Outcome(Verdict.REFUSED, reason.code, NOT_SENDABLE)
    except Exception as error:
        if outage_of(error) is not None:
            raise
        log_error("mails", error, mail=mail.id)
        return b"", "", NOT_COMPOSED
    if office.signing is not None:
        [signed] = await office.signing.signed([message])
        if signed is None:
            return b"", "", NOT_COMPOSED
        message = signed + message
    return message, to.address, None


async def _recipient(mail: OutgoingMail) -> Recipient:
    if mail.member_id is None:
        staff = await Staff.get(id=mail.staff_id)
        return Recipient(sendable(staff.email), staff.name)
    member = await Member.get(id=mail.member_id)
    if mail.kind is MailKind.NEW_ADDRESS:
        # Whoever reads there may be a stranger, and learns no name.
        change = await AddressChange.get(id=int(mail.about["change"]))
        return Recipient(sendable(change.address), language=member.language)
    address = await Address.get(id=mail.address_id)
    return Recipient(sendable(address.address), await name_of(member.id), member.language)
