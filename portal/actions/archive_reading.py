"""TOML of the archive, read back into records. What has not the form it should have raises Malformed with its place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from portal.actions.archive_record import PolicyRecord, PurposeRecord, VersionRecord
from portal.actions.content import Content, Decision
from portal.rules.changes import Comparison
from portal.rules.errors import Malformed
from portal.rules.form import a_list, an_object, below, number, shown, text, texts, wanted
from portal.rules.language import language_tag
from portal.rules.policy import NoticeTerms, treatments_from_json

OF_A_POLICY = {"title", "language", "purposes", "notice"}
OF_A_VERSION = {
    "number", "language", "posted_at", "summary", "author", "approver", "digest", "approved", "engine", "notice",
    "purposes", "translations", "changes", "comparison",
}  # fmt: skip
ADDED_TO_A_CHANGE = {"purposes", "reason", "old_text", "new_text"}
MAY_BE_NULL = ("old", "new")


def read_policy(slug: str, parsed: Mapping[str, object]) -> PolicyRecord:
    """The policy that `policy.toml` describes."""
    whole = an_object(dict(parsed), "", OF_A_POLICY)
    given = an_object(wanted(whole, "purposes", ""), "purposes")
    purposes = {key: _purpose(value, below("purposes", key)) for key, value in sorted(given.items())}
    treatments = treatments_from_json(
        {key: one.treatment for key, one in purposes.items() if one.treatment is not None}
    )
    terms, told_of = _notice(wanted(whole, "notice", ""), treatments)
    return PolicyRecord(
        slug=slug,
        title=text(wanted(whole, "title", ""), "title"),
        language=_language(whole),
        purposes=purposes,
        terms=terms,
        told_of=told_of,
    )


def read_version(parsed: Mapping[str, object], authoritative: str, translations: Mapping[str, str]) -> VersionRecord:
    """The version that `0002.toml` describes, with the texts that lie beside it."""
    whole = an_object(dict(parsed), "", OF_A_VERSION)
    given = wanted(whole, "purposes", "")
    treatments = {key: str(how) for key, how in sorted(treatments_from_json(given).items())}
    terms, told_of = _notice(wanted(whole, "notice", ""), treatments)
    changes = [_change(item, f"changes[{i}]") for i, item in enumerate(a_list(whole.get("changes", []), "changes"))]
    decisions = {
        text(wanted(change, "id", place), f"{place}.id"): _decision(change, treatments, place)
        for change, place in ((change, f"changes[{i}]") for i, change in enumerate(changes))
    }
    return VersionRecord(
        number=number(wanted(whole, "number", ""), "number"),
        posted_at=_posted_at(wanted(whole, "posted_at", "")),
        author=text(wanted(whole, "author", ""), "author"),
        approver=text(wanted(whole, "approver", ""), "approver"),
        content=Content(
            language=_language(whole),
            text=authoritative,
            summary=text(wanted(whole, "summary", ""), "summary"),
            terms=terms,
            treatments=treatments,
            told_of=told_of,
            translations=translations,
            decisions=decisions,
        ),
        comparison=_comparison(whole, changes),
    )


def _purpose(given: object, place: str) -> PurposeRecord:
    purpose = an_object(given, place, {"title", "about", "treatment"})
    return PurposeRecord(
        title=text(wanted(purpose, "title", place), below(place, "title")),
        about=str(purpose.get("about", "")),
        treatment=text(purpose["treatment"], below(place, "treatment")) if "treatment" in purpose else None,
    )


def _notice(given: object, treatments: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    notice = dict(an_object(given, "notice"))
    told_of = texts(notice.pop("told_of", []), "notice.told_of")
    if strange := sorted(set(told_of) - set(treatments)):
        raise Malformed("notice.told_of", f"{shown(strange[0])} is none of the purposes")
    return NoticeTerms.from_json(notice).to_json(), tuple(sorted(told_of))


def _change(given: object, place: str) -> dict[str, Any]:
    return dict(an_object(given, place))


def _decision(change: Mapping[str, object], treatments: Mapping[str, str], place: str) -> Decision:
    purposes = texts(wanted(dict(change), "purposes", place), f"{place}.purposes")
    if strange := sorted(set(purposes) - set(treatments)):
        raise Malformed(f"{place}.purposes", f"{shown(strange[0])} is none of the purposes")
    return Decision(tuple(sorted(purposes)), text(wanted(dict(change), "reason", place), f"{place}.reason"))


def _comparison(whole: dict[str, object], changes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The result of the comparison, as the engine gave it: what TOML could not say is null again."""
    if "comparison" not in whole:
        if changes:
            raise Malformed("comparison", "is missing, although there are changes")
        return None
    rest = dict(an_object(whole["comparison"], "comparison"))
    sections = [_with_nulls(section) for section in a_list(rest.get("sections", []), "comparison.sections")]
    try:
        return Comparison.from_json(
            {
                **rest,
                "engine": text(wanted(whole, "engine", ""), "engine"),
                "sections": sections,
                "changes": [_found(change) for change in changes],
            }
        ).to_json()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as wrong:
        raise Malformed("comparison", f"has not the form of a comparison ({wrong!r})") from wrong


def _found(change: Mapping[str, Any]) -> dict[str, Any]:
    """The change as the comparison found it, without what legal said of it."""
    found = {name: value for name, value in change.items() if name not in ADDED_TO_A_CHANGE}
    return {**_with_nulls(found), "label": found.get("label"), "hunks": [_with_nulls(h) for h in found["hunks"]]}


def _with_nulls(given: object) -> dict[str, Any]:
    return {**dict.fromkeys(MAY_BE_NULL), **dict(an_object(given, "comparison"))}


def _posted_at(given: object) -> datetime:
    if not isinstance(given, datetime) or given.tzinfo is None:
        raise Malformed("posted_at", f"{shown(given)} is no instant such as 2026-03-02T09:00:00Z")
    return given.astimezone(UTC).replace(microsecond=0)


def _language(whole: dict[str, object]) -> str:
    return language_tag(text(wanted(whole, "language", ""), "language"))
