"""What the keys of the download are called on the page that is made of it."""

from portal.web.text import gettext as _


def labels() -> dict[str, str]:
    """Key -> its name; every key of the schema has one."""
    return _of_the_member() | _of_notices() | _of_answers() | _of_what_was_recorded()


def _of_the_member() -> dict[str, str]:
    return {
        "customer_number": _("Customer number"),
        "language": _("Language"),
        "zone": _("Time zone"),
        "known_since": _("Known since"),
        "given_at": _("Given"),
        "recorded_at": _("Recorded"),
        "name": _("Name"),
        "address": _("Address"),
        "asked_at": _("Asked"),
        "expires_at": _("Runs out"),
        "confirmed_at_new_address": _("Confirmed at the new address"),
        "confirmed_at_old_address": _("Confirmed at the old address"),
        "handed_to_staff_at": _("Handed to our staff"),
        "policy": _("Policy"),
        "title": _("Title"),
        "joined_at": _("Joined"),
        "joined_on_version": _("Joined on version"),
    }


def _of_notices() -> dict[str, str]:
    return {
        "purpose": _("Use"),
        "collected_from": _("Collected from"),
        "collected_until": _("Collected until"),
        "version": _("Version"),
        "allowed": _("May be used"),
        "basis": _("Why"),
        "because_of_version": _("Because of version"),
        "posted_at": _("Posted"),
        "state": _("State"),
        "effective_at": _("In effect for you"),
        "opens_at": _("You count as told since"),
        "closes_at": _("Time to object until"),
        "sendings": _("Sendings"),
        "refusals": _("Refused"),
        "sights": _("Seen"),
        "number": _("Number"),
        "begun_at": _("Begun"),
        "attempts": _("Attempts"),
        "accepted_at": _("Accepted by the mail server"),
        "reply": _("What the mail server said"),
        "came_back_at": _("Came back"),
        "code": _("Code"),
    }


def _of_answers() -> dict[str, str]:
    return {
        "received_at": _("Received"),
        "way": _("Way"),
        "outcome": _("What follows"),
        "purposes": _("Uses it covers"),
        "reason": _("Reason"),
        "confirmed_at": _("Confirmed"),
        "confirmed_by": _("Confirmed by"),
        "amends": _("In the place of"),
        "restores": _("Stands again instead of"),
        "withdrawn_at": _("Taken back"),
        "freeze_settled_at": _("Our systems keep to it since"),
        "direction": _("Direction"),
        "kind": _("Kind"),
        "due_at": _("To be answered before"),
        "extended_at": _("Put off"),
        "extension": _("Why it took longer"),
        "ended_at": _("Ended"),
        "ended_as": _("Ended as"),
        "answer": _("Our answer"),
        "closed_at": _("Closed"),
        "objection": _("For the objection"),
        "refusal": _("Why it became no objection"),
        "asked_by": _("Asked by"),
        "files": _("Files"),
        "media_type": _("Type"),
        "size": _("Size in bytes"),
        "digest": _("SHA-256"),
        "erased_at": _("Erased"),
    }


def _of_what_was_recorded() -> dict[str, str]:
    return {
        "at": _("When"),
        "ends_at": _("Runs until"),
        "written_at": _("Written"),
        "status": _("Status"),
        "action": _("What"),
        "by": _("By"),
        "facts": _("More"),
        "closing": _("Closes the account"),
        "changes": _("Changes"),
        "attempt": _("Attempt"),
        "side": _("Which address"),
    }
