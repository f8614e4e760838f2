"""The archive's records as TOML: written for people to read, complete enough to be read back."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, String, Table

from portal.actions.archive_record import PolicyRecord, VersionRecord
from portal.rules.changes import digest

# PostgreSQL keeps no order of keys: it is made here, so that every installation writes the same bytes.
INLINE_ORDER = ("event", "old", "new", "class", "digest", "chars")
READABLE_FIRST = ("id", "kind", "class", "section", "label", "purposes", "reason", "old_text", "new_text")


def policy_toml(policy: PolicyRecord) -> str:
    """The text of `policy.toml`."""
    document = tomlkit.document()
    document["title"] = policy.title
    document["language"] = policy.language
    purposes = tomlkit.table(is_super_table=True)
    for key, purpose in policy.purposes.items():
        purposes[key] = {"title": purpose.title, "about": purpose.about}
        if purpose.treatment is not None:
            purposes[key]["treatment"] = purpose.treatment
    document["purposes"] = purposes
    document["notice"] = _notice(policy.terms, policy.told_of)
    return tomlkit.dumps(document)


def version_toml(version: VersionRecord, before: VersionRecord | None) -> str:
    """The text of `0002.toml`; `before` is the version before, for the words that were changed."""
    content, comparison = version.content, version.comparison
    document = tomlkit.document()
    document["number"] = version.number
    document["language"] = content.language
    document["posted_at"] = tomlkit.datetime(f"{version.posted_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z")
    document["summary"] = _text(content.summary)
    document["author"] = version.author
    document["approver"] = version.approver
    document["digest"] = version.digest
    document["approved"] = content.digest
    if comparison is not None:
        document["engine"] = comparison["engine"]
    document["notice"] = _notice(content.terms, content.told_of)
    document["purposes"] = dict(sorted(content.treatments.items()))
    if content.translations:
        translations = sorted(content.translations.items())
        document["translations"] = {language: digest(text) for language, text in translations}
    if comparison is not None and before is not None:
        if comparison["changes"]:
            document["changes"] = _changes(version, before)
        document["comparison"] = _comparison(comparison)
    return tomlkit.dumps(document)


def _notice(terms: Mapping[str, Any], told_of: tuple[str, ...]) -> Table:
    table = tomlkit.table()
    for name in ("channels", "objection_days", "day_count", "zone", "holidays"):
        if name in terms:
            table[name] = terms[name]
    table["told_of"] = list(told_of)
    return table


def _changes(version: VersionRecord, before: VersionRecord) -> AoT:
    tables = tomlkit.aot()
    for found in (version.comparison or {})["changes"]:
        decision = version.content.decisions[found["id"]]
        change: dict[str, Any] = {
            **found,
            "purposes": list(decision.purposes),
            "reason": decision.reason,
            "old_text": _slice(before.content.text, found["old"]),
            "new_text": _slice(version.content.text, found["new"]),
        }
        table = tomlkit.table()
        for name in (*READABLE_FIRST, *sorted(set(change) - set(READABLE_FIRST))):
            if change[name] is not None:
                table[name] = _value(change[name])
        tables.append(table)
    return tables


def _comparison(comparison: Mapping[str, Any]) -> Table:
    """What belongs to no single change. TOML has no null: such keys are left out here, and read back as null."""
    table = tomlkit.table()
    for name in sorted(set(comparison) - {"changes", "engine"}):
        table[name] = _value(comparison[name])
    return table


def _value(given: Any) -> Any:
    """Objects inside of lists stay on their line: `hunks = [{old = [3, 5], class = "text"}]`."""
    if isinstance(given, str):
        return _text(given)
    if isinstance(given, dict):
        return _inline(given)
    return _array(given) if isinstance(given, list) else given


def _array(given: list[Any]) -> Array:
    array = tomlkit.array()
    for item in given:
        array.append(item if isinstance(item, str) else _value(item))
    return array


def _inline(given: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for name in (*(name for name in INLINE_ORDER if name in given), *sorted(set(given) - set(INLINE_ORDER))):
        if (value := given[name]) is not None:
            table[name] = value if isinstance(value, str) else _value(value)
    return table


def _text(given: str) -> str | String:
    return tomlkit.string(given, multiline=True) if "\n" in given else given


def _slice(text: str, span: list[int] | None) -> str | None:
    return None if span is None else text[span[0] : span[1]].strip("\n")
