"""The form in which a draft is edited: what it holds, what was typed, what somebody else saved meanwhile."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData, UploadFile

from portal.actions.draft import DraftEdit
from portal.rules.changes import compare
from portal.store.drafts import Draft, DraftTranslation
from portal.web.change_cards import Part, parts_of
from portal.web.legal.terms_form import TypedTerms, terms_in_words
from portal.web.text import gettext as _
from portal.web.text import language_name

TRANSLATION = "translation-"
# Beyond this a word-for-word look at two versions of a field helps nobody, and keeps a core busy.
LONGEST_LOOK = 400_000
CONTEXT = 60


@dataclass(frozen=True, slots=True)
class Translation:
    language: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedDraft:
    """What the fields hold, valid or not. `file` is an uploaded text, None without one."""

    text: str
    file: bytes | None
    summary: str
    translations: tuple[Translation, ...]
    new_language: str
    new_translation: str
    terms: TypedTerms

    @classmethod
    async def of(cls, draft: Draft) -> "TypedDraft":
        """As saved."""
        rows = await DraftTranslation.filter(draft_id=draft.id).order_by("language")
        return cls(
            text=draft.text,
            file=None,
            summary=draft.summary,
            translations=tuple(Translation(row.language, language_name(row.language), row.text) for row in rows),
            new_language="",
            new_translation="",
            terms=TypedTerms.of(draft.terms, draft.treatments, draft.told_of),
        )

    @classmethod
    async def sent(cls, form: FormData) -> "TypedDraft":
        """As typed. Browsers send CR LF, the archive keeps LF."""
        upload = form.get("text_file")
        chosen = isinstance(upload, UploadFile) and bool(upload.filename)
        return cls(
            text=_text(form, "text"),
            file=await upload.read() if isinstance(upload, UploadFile) and chosen else None,
            summary=_text(form, "summary").strip(),
            translations=tuple(
                Translation(tag, language_name(tag), _text(form, name))
                for name in form
                if (tag := name.removeprefix(TRANSLATION)) != name
            ),
            new_language=_text(form, "new_language").strip(),
            new_translation=_text(form, "new_translation"),
            terms=TypedTerms.sent(form),
        )

    @property
    def mark(self) -> str:
        """Names what the fields hold, so that an edit in between is noticed. Classification is no part of it."""
        held = [
            _ended(self.text),
            self.summary,
            {one.language: one.text for one in self.translations},
            self.terms.channels,
            self.terms.objection_days,
            self.terms.day_count,
            self.terms.zone,
            self.terms.holidays,
            self.terms.treatments,
            sorted(self.terms.told_of),
        ]
        return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()

    def edit(self) -> tuple[DraftEdit | None, dict[str, str]]:
        """What is to be saved, or a sentence for each field that is not in order."""
        defaults, errors = self.terms.read()
        if bool(self.new_language) != bool(self.new_translation.strip()):
            missing = "new_translation" if self.new_language else "new_language"
            errors[missing] = _("A translation needs both its language and its text.")
        if defaults is None or errors:
            return None, errors
        translations: dict[str, str | bytes] = {one.language: one.text for one in self.translations}
        if self.new_language:
            translations[self.new_language] = self.new_translation
        return (
            DraftEdit(
                text=self.text if self.file is None else self.file,
                summary=self.summary,
                terms=defaults.terms,
                treatments=defaults.treatments,
                told_of=defaults.told_of,
                translations=translations,
            ),
            {},
        )

    def with_file_as_text(self) -> "TypedDraft":
        """The uploaded text in the field, where it can be shown: a form cannot keep a chosen file."""
        if self.file is None:
            return self
        try:
            return replace(self, text=self.file.decode("utf-8-sig"), file=None)
        except UnicodeError:
            return self


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody saved otherwise: from what was saved to what was typed."""

    label: str
    saved: str
    parts: tuple[Part, ...]


def differences(saved: TypedDraft, typed: TypedDraft) -> list[Difference]:
    """The fields in which what is saved now and what was typed are not equal."""
    theirs, mine = _fields(saved), _fields(typed)
    return [
        Difference(label, theirs.get(label, ""), _look(theirs.get(label, ""), mine.get(label, "")))
        for label in dict.fromkeys([*theirs, *mine])
        if theirs.get(label, "").strip() != mine.get(label, "").strip()
    ]


def _fields(draft: TypedDraft) -> dict[str, str]:
    found = {_("Text"): _ended(draft.text), _("Summary for members"): draft.summary}
    found |= {_("Text in %(language)s", language=one.name): one.text for one in draft.translations}
    read, _errors = draft.terms.read()
    if read is not None:
        found[_("Notice terms")] = "\n".join(f"{name}: {value}" for name, value in terms_in_words(read.terms))
        found[_("What an objection means")] = "\n".join(f"{key}: {how}" for key, how in sorted(read.treatments.items()))
    return found


def _look(saved: str, typed: str) -> tuple[Part, ...]:
    """The words removed and added; the whole of both where they are too long to look at."""
    if len(saved) + len(typed) > LONGEST_LOOK:
        return (("removed", _("(too long to be shown word for word)")),)
    shown: list[Part] = []
    for change in compare(saved, typed).changes:
        shown += [("same", "\n…\n")] if shown else []
        shown += [(kind, _shortened(text) if kind == "same" else text) for kind, text in parts_of(change, saved, typed)]
    return tuple(shown)


def _shortened(text: str) -> str:
    """A few of the words that stand beside a difference."""
    return text if len(text) <= 2 * CONTEXT else f"{text[:CONTEXT]} … {text[-CONTEXT:]}"


def refusal_of(broken: Mapping[str, Any], code: str) -> str:
    """The field of the form that a refusal is about."""
    field = str(broken.get("field", ""))
    if code.startswith("text_"):
        return "text"
    if code == "language_form":
        return "new_language"
    return "" if field in ("treatments", "translations") else field


def _text(form: FormData, name: str) -> str:
    given = form.get(name, "")
    return "" if isinstance(given, UploadFile) else given.replace("\r\n", "\n").replace("\r", "\n")


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n"
