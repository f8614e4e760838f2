"""What legal takes along of a classification: every change with both wordings, purposes, reason, by whom and when."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException

from portal.rules.changes import Change
from portal.rules.changes.result import Span
from portal.store.drafts import Draft
from portal.store.policies import Policy, Version
from portal.store.publications import decisions_of, purpose_titles
from portal.store.staff import Staff
from portal.web.change_cards import Card, Cards, Classified
from portal.web.compared import compared
from portal.web.legal.matrix import matrix_of
from portal.web.redline import Redline
from portal.web.spreadsheet import MARK, lines
from portal.web.text import gettext as _

COLUMNS = (
    "number", "id", "group", "kind", "class", "flags", "section", "clause", "before", "after", "editorial", "purposes",
    "reason", "classified_by", "classified_at", "old_start", "old_end", "new_start", "new_end", "policy",
    "from_version", "to_version", "engine", "old_digest", "new_digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a change, by whom and when (UTC), as far as that is recorded."""

    classified: Classified
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Exported:
    """A comparison with its classification. `by` and `approver` are names, empty where there is none yet."""

    policy: Policy
    older: int
    newer: int
    published: bool
    summary: str
    redline: Redline
    said: dict[str, Said]
    titles: dict[str, str]
    treatments: dict[str, str]
    by: str
    approver: str

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return f"{self.policy.slug}-{self.older}-{self.newer}{'' if self.published else '-draft'}"

    @property
    def title(self) -> str:
        draft = _("draft")
        state = "" if self.published else f" ({draft})"
        between = _("from version %(older)s to %(newer)s", older=self.older, newer=self.newer)
        return f"{self.policy.title}, {between}{state}"

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.redline.comparison.changes

    def cards(self) -> list[tuple[Card, Said | None]]:
        made = Cards(self.redline, self.titles, self.treatments)
        found = [(change, self.said.get(change.id)) for change in self.changes]
        return [(made.card(change, said.classified if said else None), said) for change, said in found]

    def purposes(self, said: Said) -> str:
        return ", ".join(self.titles.get(key, key) for key in said.classified.purposes) or _("Editorial")

    def remarks(self) -> dict[str, str]:
        """Change id -> what was said of it, in words."""
        return {key: f"{self.purposes(said)}: {said.classified.reason}" for key, said in self.said.items()}


async def of_draft_exported(draft: Draft) -> Exported:
    """HTTPException 404 for a draft that changes nothing yet."""
    matrix = await matrix_of(draft)
    if not matrix.changes:
        raise HTTPException(404)
    names = {
        row.id: row.name
        for row in await Staff.filter(id__in={draft.author_id, *(row.staff_id for row in matrix.given.values())})
    }
    return Exported(
        policy=await Policy.get(id=draft.policy_id),
        older=draft.base,
        newer=draft.base + 1,
        published=False,
        summary=draft.summary,
        redline=matrix.redline,
        said={
            key: Said(Classified(tuple(row.purposes), row.reason), names.get(row.staff_id, ""), row.classified_at)
            for key, row in matrix.given.items()
        },
        titles=matrix.titles,
        treatments=draft.treatments,
        by=names.get(draft.author_id, ""),
        approver="",
    )


async def of_version_exported(policy: Policy, number: int) -> Exported:
    """HTTPException 404 where there is no such version, or none before it."""
    version = await Version.get_or_none(policy_id=policy.id, number=number)
    before = await Version.get_or_none(policy_id=policy.id, number=number - 1)
    if version is None or before is None:
        raise HTTPException(404)
    decided = await decisions_of(version.id)
    return Exported(
        policy=policy,
        older=before.number,
        newer=number,
        published=True,
        summary=version.summary,
        redline=(await compared(before, version)).redline,
        said={
            key: Said(Classified(one.purposes, one.reason), version.author, version.posted_at)
            for key, one in decided.items()
        },
        titles=await purpose_titles(),
        treatments=version.treatments,
        by=version.author,
        approver=version.approver,
    )


def as_csv(exported: Exported) -> bytes:
    """The table as a file."""
    return MARK + lines([COLUMNS, *(_cells(exported, number, one) for number, one in enumerate(exported.changes, 1))])


def _cells(exported: Exported, number: int, change: Change) -> list[object]:
    found, said = exported.redline.comparison, exported.said.get(change.id)
    return [
        number,
        change.id,
        change.group,
        change.kind,
        change.cls,
        " ".join(change.flags),
        " > ".join(change.section),
        change.label or "",
        _at(exported.redline.old.document.text, change.old),
        _at(exported.redline.new.document.text, change.new),
        "" if said is None else "no" if said.classified.purposes else "yes",
        " ".join(said.classified.purposes) if said else "",
        said.classified.reason if said else "",
        said.by if said else "",
        said.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if said and said.at else "",
        *(change.old or ("", "")),
        *(change.new or ("", "")),
        exported.policy.slug,
        exported.older,
        exported.newer,
        found.engine,
        found.old.digest,
        found.new.digest,
    ]


def _at(text: str, span: Span | None) -> str:
    return text[span[0] : span[1]] if span else ""
