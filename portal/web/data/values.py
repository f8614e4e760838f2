"""What the values of the download say, where they are words of ours."""

from portal.rules.governing import Basis
from portal.rules.objection import Refusal
from portal.store.answers import Way
from portal.web.happenings import titles
from portal.web.ops.objection_words import way_name
from portal.web.terms.words import basis_name
from portal.web.text import gettext as _


def values(name: str) -> dict[str, str]:
    """Value -> what it says, of that key; whatever is not there is told as it is."""
    match name:
        case "way":
            return {str(way): way_name(way) for way in Way} | {
                "code": _("with the mailed code"),
                "sign_in": _("signed in"),
            }
        case "basis":
            return {str(basis): basis_name(basis) for basis in Basis}
        case "action":
            return titles()
        case "by":
            return {
                "member": _("you"),
                "staff": _("our staff"),
                "company_system": _("one of our systems"),
                "portal": _("the portal itself"),
            }
        case "refusal":
            return _refusals()
        case "state" | "kind" | "ended_as":
            return _states() | _kinds()
    return _of_few().get(name, {})


def _of_few() -> dict[str, dict[str, str]]:
    return {
        "outcome": {"freeze": _("freeze"), "closure": _("closing of the account")},
        "confirmed_by": {"code": _("the mailed code"), "sign_in": _("signing in"), "ops": _("our staff")},
        "direction": {"out": _("stopped"), "in": _("allowed again")},
        "asked_by": {"member": _("you"), "representative": _("somebody who represents you")},
        "side": {"new": _("the new one"), "old": _("the old one")},
    }


def _refusals() -> dict[str, str]:
    return {
        str(Refusal.ACCOUNT_CLOSED): _("the account is closed"),
        str(Refusal.NO_OBJECTION_RIGHT): _("there is no right to object"),
        str(Refusal.NO_NOTICE): _("the version does not concern you"),
        str(Refusal.NOTHING_TO_OBJECT_TO): _("there is nothing to object to"),
        str(Refusal.ALREADY_OBJECTED): _("you had objected already"),
        str(Refusal.LATE): _("too late"),
    }


def _states() -> dict[str, str]:
    return {
        "posted": _("told on the site and in the account"),
        "queued": _("waits to be sent"),
        "sending": _("being sent"),
        "accepted": _("accepted by the mail server"),
        "deferred": _("to be tried again"),
        "failed": _("could not be sent"),
        "unknown": _("result unknown"),
        "refused": _("refused"),
        "confirmed": _("confirmed"),
        "cancelled": _("taken back"),
        "disowned": _("“it was not me”"),
        "replaced": _("replaced"),
        "answered": _("answered"),
        "withdrawn": _("taken back"),
        "dropped": _("left by you"),
        "rejected": _("not accepted"),
        "overtaken": _("ended in another way"),
    }


def _kinds() -> dict[str, str]:
    return {
        "objection": _("objection"),
        "opt_out": _("opt-out"),
        "confirmation": _("confirmation"),
        "closing": _("closing of the account"),
        "export": _("a copy of the data"),
        "access": _("access to the data"),
        "address": _("another address"),
        "receipt": _("receipt of an objection"),
        "withdrawal": _("withdrawal of an objection"),
        "code": _("code"),
        "confirm": _("code for an answer"),
        "consent": _("consent"),
        "opt_in": _("opting in again"),
        "not_objected": _("reply that is no objection"),
        "sign_in": _("sign-in link"),
        "closed": _("the account is closed"),
        "new_address": _("confirmation of a new address"),
        "old_address": _("question to the old address"),
        "request": _("receipt of a request"),
        "request_news": _("news of a request"),
        "bounce": _("bounce of a notice"),
        "mail_bounce": _("bounce of another mail"),
        "delayed": _("delay"),
        "delivered": _("report of delivery"),
        "complaint": _("complaint"),
        "auto_reply": _("automatic reply"),
        "letter": _("letter"),
    }
