"""Mails as they go over the wire, made by the portal's own composing from rows that are made up."""

import email
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from types import SimpleNamespace
from typing import Any

from portal.actions.notice_letter import notice_letter, notice_links, proof_letter
from portal.keys import Keys
from portal.mail.compose import Letter, Recipient, Sender, compose
from portal.mail.told import Purposes, Told, fitting, told_changes
from portal.rules.changes import compare
from portal.rules.policy import NoticeTerms, Treatment
from tests.support.drafting import TEXT_1, TEXT_2

POSTED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TOKEN = "t0k3n"
SENDER = Sender("Ternwick", "Ternwick", "privacy@ternwick.example", "bounces@ternwick.example", "https://p.example")
PURPOSES = Purposes(
    {"marketing": "Marketing", "service": "Running the service", "ai": "AI training"},
    {"marketing": Treatment.SEPARABLE, "service": Treatment.INSEPARABLE, "ai": Treatment.OPT_IN},
)
BY_SECTION = {"News": ["marketing"], "Service": ["service"]}
MANY = 200


def wire(letter: Letter, name: str = "Maria", language: str = "en") -> bytes:
    to = Recipient("maria@example.org", name, language)
    return compose(letter, SENDER, to, SENDER.message_id(TOKEN), AT)


def parts(content: bytes) -> tuple[EmailMessage, str, str]:
    """The message, its text, and its HTML."""
    message = email.message_from_bytes(content, _class=EmailMessage, policy=default)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    return message, text, html


def told(
    terms: NoticeTerms,
    by_section: Mapping[str, list[str]] | None = None,
    texts: tuple[str, str] = (TEXT_1, TEXT_2),
    purposes: Purposes = PURPOSES,
    **more: Any,
) -> Told:
    """What the second of two texts tells, whose changes concern purposes by the name of their section."""
    comparison = compare(*texts)
    classified = {change.id: (by_section or BY_SECTION).get(change.section[-1], []) for change in comparison.changes}
    changes = told_changes(comparison, *texts, classified, purposes)
    touched = purposes.tags([key for keys in classified.values() for key in keys])
    summary = more.pop("summary", "The newsletter comes every week.")
    shown = fitting(changes, summary)
    said: dict[str, Any] = {
        "slug": "privacy",
        "title": "Privacy policy",
        "number": 2,
        "language": "en",
        "told_of": tuple(tag.title for tag in touched if tag.title in more.pop("told_of", ())),
    }
    return Told(
        **(said | more),
        summary=summary,
        posted_at=POSTED,
        terms=terms,
        changes=shown,
        more=len(changes) - len(shown),
        wording_only=len(comparison.changes) - len(changes),
        touched=touched,
        can_stop=(("marketing", purposes.titles["marketing"]),),
    )


def of_notice(said: Told, closes_at: datetime | None = None) -> Letter:
    links = {slot: one for slot, [one] in notice_links([(3, 7, 1)], keys=Keys(("k" * 40,)), at=AT).items()}
    return notice_letter(said, closes_at, links, sender=SENDER, token=TOKEN, at=AT)


def each_kind(language: str = "en") -> dict[str, bytes]:
    """A usual mail of each template folder, by its name, to a reader of that language."""
    link = f"{SENDER.portal}/n/{'t' * 64}"
    answered: dict[str, Any] = {
        "objection": SimpleNamespace(number="XK4T-9QPM", closing=True, way="link", received_at=AT, withdrawn_at=AT),
        "policy": "Privacy policy",
        "number": 2,
        "zone": "Europe/Berlin",
        "covered": ["How we use it › Running the service", "Backups"],
        "purposes": ["Running the service"],
        "confirmed": False,
        "due_at": AT + timedelta(days=20),
        "later": False,
        "held_until": AT,
        "frozen_earlier": None,
        "amends": None,
        "restores": None,
        "link": f"{link}/objections/XK4T-9QPM",
        "notice_link": link,
    }
    code = {"code": "1234 5678", "expires_at": AT + timedelta(hours=2), "minutes": 120}
    declared = answered | {
        "declaration": SimpleNamespace(number="7QKD-M2VW", kind="consent", received_at=AT),
        "purpose": "AI training",
        "lifts": True,
        "opt_out_link": f"{SENDER.portal}/opt-out/{'t' * 43}",
    }
    usual = told(NoticeTerms(zone="Europe/Berlin"))
    letters = [
        of_notice(usual),
        proof_letter(usual, 4, SENDER, TOKEN, AT),
        *(Letter(kind, answered) for kind in ("receipt", "withdrawal")),
        Letter("closed", answered | {"closed_at": AT}),
        Letter("code", answered | code),
        Letter("confirm", declared | code),
        Letter("consent", declared),
        *about_an_address(),
        *about_a_request(),
        refused_reply(),
        about_an_opt_out(),
        Letter("sign_in", code | {"link": f"{SENDER.portal}/sign-in/{'t' * 43}"}),
    ]
    return {letter.kind: wire(letter, language=language) for letter in letters}


def refused_reply(**more: Any) -> Letter:
    """Told to somebody whose reply came too late."""
    usual: dict[str, Any] = {
        "policy": "Privacy policy",
        "number": 2,
        "zone": "Europe/Berlin",
        "received_at": AT,
        "refusal": "late",
        "closes_at": AT,
        "objection": None,
        "opt_out_instead": True,
        "link": f"{SENDER.portal}/n/{'t' * 64}",
    }
    return Letter("not_objected", usual | more, {"Auto-Submitted": "auto-replied", "In-Reply-To": "<a@example.org>"})


def about_an_address() -> list[Letter]:
    change = {
        "asked_at": AT,
        "expires_at": AT + timedelta(days=2),
        "zone": "Europe/Berlin",
        "alone": False,
        "new_address": "m…@example.net",
        "link": f"{SENDER.portal}/address/{'t' * 60}",
    }
    return [Letter(kind, change) for kind in ("new_address", "old_address")]


def about_a_request() -> list[Letter]:
    asked = {
        "request": SimpleNamespace(number="3HFW-8RTC", received_at=AT, due_at=AT + timedelta(days=30)),
        "kind": "access",
        "zone": "Europe/Berlin",
        "due_zone": "Europe/Berlin",
        "news": "",
        "told": "",
        "link": f"{SENDER.portal}/account/requests/3HFW-8RTC",
    }
    news = {"news": "refused", "told": "We could not make sure that it is you who asks."}
    return [Letter("request", asked), Letter("request_news", asked | news)]


def about_an_opt_out() -> Letter:
    said = SimpleNamespace(number="8VWC-3FHM", kind="opt_out", way="letter", received_at=AT)
    link = f"{SENDER.portal}/opt-out/{'t' * 43}?purpose=marketing"
    return Letter("opt_out", {"submission": said, "purpose": "Marketing", "zone": "Europe/Berlin", "link": link})


def hard_ones() -> dict[str, bytes]:
    """Notices that are harder to show: by length, by words that cannot be parted, by another script."""
    long_word = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselverwaltungsordnung"
    prevented = NoticeTerms.from_json({"channels": ["site"], "objection_days": 0})
    arabic: dict[str, Any] = {"title": "سياسة الخصوصية", "language": "ar", "summary": "تصدر النشرة كل أسبوع."}
    return {
        "of 200 changes": wire(of_notice(of_many("We keep it for {} days, and show it to nobody but you."))),
        "of 200 long changes in another script": wire(
            of_notice(of_many("Мы храним её {0} дней. " * 12, "Уведомления"))
        ),
        "with words that cannot be parted": wire(
            of_notice(told(NoticeTerms(), title=long_word, summary=f"See https://p.example/{'long/' * 30}")),
            long_word[:40],
        ),
        "of a use that can be prevented": wire(of_notice(told(prevented, told_of=["Marketing"]))),
        "of a policy from right to left": wire(of_notice(told(NoticeTerms(), **arabic)), "ليلى"),
    }


def of_many(sentence: str, heading: str = "Section", **more: Any) -> Told:
    """Two hundred sections, in each of which a sentence changes; `{}` is the number that does."""
    old, new = (
        "# Policy\n\n" + "\n\n".join(f"## {heading} {i}\n\n{sentence.format(i + days)}" for i in range(MANY))
        for days in (30, 1030)
    )
    return told(NoticeTerms(), {f"{heading} {i}": ["marketing", "service"] for i in range(MANY)}, (old, new), **more)
