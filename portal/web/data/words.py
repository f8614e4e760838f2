"""The download in words: what its lists and keys are called, and what its values say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.web import dates
from portal.web.data.labels import labels
from portal.web.data.schema import Part
from portal.web.data.values import values
from portal.web.text import gettext as _
from portal.web.text import language_name

Told = str | list[list[tuple[str, Any]]]
NOTHING: tuple[object, ...] = (None, "", (), {})


def section_title(key: str) -> str:
    return {
        "profiles": _("Name, language and zone, as you gave them"),
        "addresses": _("Mail addresses you gave"),
        "address_changes": _("Changes of address you asked for"),
        "memberships": _("Policies you are under"),
        "terms": _("Which version holds for which data"),
        "notices": _("Notices to you"),
        "objections": _("Your objections"),
        "declarations": _("Your answers that had to be confirmed"),
        "consents": _("Your consents"),
        "opt_outs": _("Your opt-outs"),
        "requests": _("Your requests"),
        "submissions": _("What you said by letter, call, in person or mail"),
        "closures": _("The closing of your account"),
        "sign_ins": _("Your sign-ins"),
        "mails": _("Other mails to you"),
        "returned_mails": _("Mails that came in about ours to you"),
        "events": _("Everything that was done"),
    }[key]


def section_about(key: str) -> str:
    return {
        "profiles": _("The last one counts."),
        "addresses": _("The last one counts."),
        "address_changes": _("Each counts once both addresses have confirmed it."),
        "memberships": _("Since when, and from which version on."),
        "terms": _("By policy, use and time of collection, as of the day of this file."),
        "notices": _("With each sending, what the mail server said, and when you saw it."),
        "objections": _("With what they cover and what became of them."),
        "declarations": _("What you said, how it came, and what became of it."),
        "consents": _("What you said yes to."),
        "opt_outs": _("What you stopped, and allowed again."),
        "requests": _("What you asked for, and what we answered."),
        "submissions": _("As our staff entered it, with the files that came. Ask for access to get a file itself."),
        "closures": _("When, and for which objection."),
        "sign_ins": _("When they began and ended."),
        "mails": _("Receipts, codes and links: that they were sent, not what they said."),
        "returned_mails": _("Bounces and replies that name a mail to you."),
        "events": _("Who did what and when; of our staff only that it was they."),
    }[key]


def label(name: str) -> str:
    """What a key is called."""
    return labels()[name]


def fields(part: Part, names: Mapping[str, str]) -> list[tuple[str, Told]]:
    """(label, value in words) of everything in it that has a value; `names`: what purposes and policies are called."""
    values = {name: getattr(part, name) for name in type(part).model_fields}
    said = {name: value for name, value in values.items() if value not in NOTHING and not _is_said(name, values)}
    return [(label(name), told(name, value, names)) for name, value in said.items()]


def _is_said(name: str, values: Mapping[str, Any]) -> bool:
    """Programs read a policy's slug and its title; people read its title for both."""
    return name == "title" and "policy" in values


def told(name: str, value: Any, names: Mapping[str, str]) -> Told:
    """A value in words; a list of parts as lists of (label, value)."""
    if isinstance(value, tuple) and value and isinstance(value[0], Part):
        return [fields(part, names) for part in value]
    if isinstance(value, tuple | list):
        return ", ".join(names.get(one, one) if name == "purposes" else str(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{label(key)}: {told(key, one, names)}" for key, one in value.items())
    if name in ("purpose", "policy"):
        return names.get(str(value), str(value))
    if isinstance(value, datetime):
        return dates.instant(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "language":
        return language_name(str(value))
    if name == "reply":  # a server's words, or, where none answered, ours
        return _(str(value))
    return values(name).get(str(value), str(value))
