"""A notice as the API tells it. `docs/api.md` says what each of its members means."""

from portal.rules.policy import DayCount, Treatment
from portal.rules.scenario_answer import zulu
from portal.store.answers import Objection
from portal.web.member.case import Case
from portal.web.member.deadline import how_counted

# What an objection does to the data, or the account, behind a purpose of that treatment.
MEANS = {Treatment.SEPARABLE: "freeze", Treatment.INSEPARABLE: "close", Treatment.OPT_IN: "nothing"}


def notice_json(case: Case, link: str | None) -> dict[str, object]:
    """Instants like `2026-03-22T04:00:00Z`, null where there is none (yet)."""
    window = case.window
    return {
        "id": case.row.id,
        "policy": case.policy.slug,
        "version": case.number,
        "title": case.policy.title,
        "summary": case.row.summary,
        "language": case.row.language,
        "posted_at": zulu(case.row.posted_at),
        "effective_at": zulu(window.effective_at),
        "opens_at": zulu(window.opens_at),
        "closes_at": zulu(window.closes_at),
        "zone": case.zone,
        "counted": _counted(case),
        "counted_in_words": " ".join(said for _step, said in how_counted(case)),
        "open": case.refusal is None,
        "objection": _objection(case),
        "answer": _answer(case),
        "seen": case.sight is not None,
        "seen_at": zulu(case.sight.received_at if case.sight else None),
        "seen_way": str(case.sight.way) if case.sight else None,
        "page": case.reader.base,
        "link": link,
    }


def _counted(case: Case) -> dict[str, object] | None:
    """What the version's terms say, and what came of it when the window opened."""
    if case.notice.counted is None:
        return None
    terms = case.ruled.terms
    return {
        "days": terms.objection_days,
        "day_count": str(terms.day_count),
        "zone": terms.zone,
        "holidays": terms.holidays if terms.day_count is DayCount.WORKING else None,
        **case.notice.counted,
    }


def _objection(case: Case) -> dict[str, object]:
    """What an objection would mean now: to everything that can be objected to, and to a purpose alone."""
    refused = case.refusal
    return {
        "means": "nothing" if refused else _outcome(closing=case.ruled.closes(_objectable(case))),
        "refused": refused,
        "purposes": [
            {
                "purpose": purpose,
                "title": case.title_of(purpose),
                "treatment": str(case.ruled.treatments[purpose]),
                "means": "nothing" if refused else MEANS[case.ruled.treatments[purpose]],
            }
            for purpose in sorted(case.ruled.touched)
        ],
    }


def _objectable(case: Case) -> frozenset[str]:
    return frozenset().union(*case.ruled.objectable.values())


def _answer(case: Case) -> dict[str, object]:
    """The objection in force, else the last one, which was taken back."""
    objection = case.in_force or (case.objections[0] if case.objections else None)
    if objection is None:
        return {"state": "none", "means": None, "received_at": None, "withdrawn_at": None, "confirmed": None}
    return {
        "state": "objected" if objection.withdrawn_at is None else "withdrawn",
        "means": _outcome(closing=objection.closing),
        "received_at": zulu(objection.received_at),
        "withdrawn_at": zulu(objection.withdrawn_at),
        "confirmed": _confirmed(case, objection),
    }


def _confirmed(case: Case, objection: Objection) -> bool | None:
    """Only an objection that closes the account has to be confirmed."""
    return objection.id in case.confirmed if objection.closing else None


def _outcome(*, closing: bool) -> str:
    return "close" if closing else "freeze"
