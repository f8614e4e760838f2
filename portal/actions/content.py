"""All that is approved and published as one, and the digest that names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Decision:
    """What legal said of a change: the purposes it touches, sorted (none = editorial), and why."""

    purposes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A draft or a version without who and when.

    `translations` by language, `terms` as NoticeTerms.to_json writes them, `treatments` as {purpose: treatment},
    `decisions` by the change's key.
    """

    language: str
    text: str
    summary: str
    terms: Mapping[str, Any]
    treatments: Mapping[str, str]
    told_of: tuple[str, ...] = ()
    translations: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def touched(self) -> frozenset[str]:
        """Every purpose that some change touches."""
        return frozenset(purpose for decision in self.decisions.values() for purpose in decision.purposes)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all of it (UTF-8, keys sorted, no spaces), as `sha256:` and 64 digits."""
        written = json.dumps(self._as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(written.encode()).hexdigest()

    def same_text_and_terms(self, other: "Content") -> bool:
        """Whether a member would find nothing new: text, translations, terms, treatments and told_of are equal."""
        return self.told == other.told

    @property
    def told(self) -> tuple[object, ...]:
        """What a member is told, without what legal said about it."""
        return self.language, self.text, self.translations, self.terms, self.treatments, set(self.told_of)

    def _as_json(self) -> dict[str, object]:
        return {
            "language": self.language,
            "text": self.text,
            "translations": dict(self.translations),
            "summary": self.summary,
            "classifications": {
                key: {"purposes": sorted(decision.purposes), "reason": decision.reason}
                for key, decision in self.decisions.items()
            },
            "terms": dict(self.terms),
            "treatments": dict(self.treatments),
            "told_of": sorted(self.told_of),
        }
