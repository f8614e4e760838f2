"""The archive's records: whatever was published is read back as it was."""

import tomllib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from portal.actions.archive_reading import read_policy, read_version
from portal.actions.archive_record import PolicyRecord, PurposeRecord, VersionRecord
from portal.actions.archive_toml import policy_toml, version_toml
from portal.actions.content import Content, Decision
from portal.rules.changes import compare
from portal.rules.policy import NoticeTerms

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TREATMENTS = {"marketing": "separable", "service": "inseparable"}

# What a form or a file can bring: all but surrogates and NUL; line ends are LF by then.
words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=60)
markdown = st.lists(st.one_of(words, st.sampled_from(["# A", "- b", "***", '"""', "'''", "\\"])), max_size=6).map(
    lambda blocks: "\n\n".join([*blocks, "end"]) + "\n"
)
purposes = st.lists(st.sampled_from(sorted(TREATMENTS)), unique=True).map(lambda chosen: tuple(sorted(chosen)))


def record(number: int, text: str, said: str, comparison: object, decisions: dict[str, Decision]) -> VersionRecord:
    content = Content(
        language="en",
        text=text,
        summary=said,
        terms=NoticeTerms(holidays="DE-BE").to_json(),
        treatments=TREATMENTS,
        told_of=("marketing",),
        translations={"de": text},
        decisions=decisions,
    )
    given_comparison = comparison if isinstance(comparison, dict) else None
    return VersionRecord(number, AT, said, said, content, given_comparison)


@given(old=markdown, new=markdown, said=words, touched=purposes)
def test_a_version_is_read_back_whole(old: str, new: str, said: str, touched: tuple[str, ...]) -> None:
    first = record(1, old, said, None, {})
    comparison = compare(old, new).to_json()
    decisions = {change["id"]: Decision(touched, said) for change in comparison["changes"]}
    second = record(2, new, said, comparison, decisions)
    for before, version in ((None, first), (first, second)):
        written = tomllib.loads(version_toml(version, before))
        read = read_version(written, version.content.text, version.content.translations)
        assert read == version
        assert (written["digest"], written["approved"]) == (version.digest, version.content.digest)


@given(title=words, about=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60))
def test_a_policy_is_read_back_whole(title: str, about: str) -> None:
    policy = PolicyRecord(
        slug="privacy",
        title=title,
        language="de-AT",
        purposes={
            "marketing": PurposeRecord(title, about, "separable"),
            "selling": PurposeRecord(title, about, None),
        },
        terms=NoticeTerms(objection_days=0).to_json(),
        told_of=("marketing",),
    )
    assert read_policy("privacy", tomllib.loads(policy_toml(policy))) == policy
