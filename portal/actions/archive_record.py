"""A policy and its versions as the archive holds them: all that is public about them, and nothing about members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actions.content import Content
from portal.rules.changes import digest


@dataclass(frozen=True, slots=True)
class PurposeRecord:
    """A purpose as policies and pages explain it, with the policy's treatment; None: only older versions treat it."""

    title: str
    about: str
    treatment: str | None


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """What lies in `policy.toml`: the next draft's defaults. `terms` as NoticeTerms.to_json writes them."""

    slug: str
    title: str
    language: str
    purposes: Mapping[str, PurposeRecord]
    terms: Mapping[str, Any]
    told_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What lies in `0002.toml`, `0002.md` and its translations. `comparison` is None for a first version."""

    number: int
    posted_at: datetime
    author: str
    approver: str
    content: Content
    comparison: dict[str, Any] | None

    @property
    def stem(self) -> str:
        """The name that all of its files begin with."""
        return f"{self.number:04}"

    @property
    def texts(self) -> dict[str, str]:
        """File name -> text, the authoritative one first."""
        translations = sorted(self.content.translations.items())
        return {
            f"{self.stem}.md": self.content.text,
            **{f"{self.stem}.{language}.md": text for language, text in translations},
        }

    @property
    def digest(self) -> str:
        return digest(self.content.text)


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """A policy with its versions, by number from 1."""

    policy: PolicyRecord
    versions: tuple[VersionRecord, ...]
