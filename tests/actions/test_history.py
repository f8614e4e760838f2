"""The archive: written after the database, repaired, compared, brought in; and the samples of the repository."""

import shutil
from pathlib import Path

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.approve import approve
from portal.actions.archive_comparing import Kind
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.history import export_history, import_history, sweep, verify
from portal.actions.policy import change_policy_defaults
from portal.actions.publish import publish
from portal.actions.purposes import Defaults
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.connections import transaction
from portal.store.notices import Notice
from portal.store.policies import Change, Classification, Policy, Purpose, Version, VersionText
from tests.support.drafting import BY_MAIL, TREATMENTS, Office, classified, office_with, person, policy_of
from tests.support.world import DAY, POSTED_1, POSTED_2, at, events, make_member

SAMPLES = Path(__file__).parents[2] / "policies_history"
NOW = at("2026-11-01 12:00")


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A copy of the samples, to be spoilt."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "samples"))


@pytest.fixture
async def office(store: str) -> Office:
    """With two versions, the second one with a translation."""
    office = await office_with()
    draft = await office.drafted()
    await save_draft(draft.id, DraftEdit(translations={"de": "# Datenschutz\n"}), by=office.lena, at=POSTED_2 - DAY)
    draft = await classified(draft, by=office.lena, at=POSTED_2 - DAY)
    await approve(draft.id, draft.digest, by=office.tom, at=POSTED_2 - DAY)
    await publish(draft.id, by=office.lena, at=POSTED_2)
    return office


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


async def problems_of(folder: Path) -> tuple[str, ...]:
    """Why an archive is refused, after which nothing was written."""
    with pytest.raises(RuleBroken) as refused:
        await import_history(folder, by=SYSTEM, at=NOW)
    assert refused.value.code == "history_refused"
    problems = refused.value.facts["problems"]
    assert isinstance(problems, tuple)
    assert [await Policy.all().count(), await Version.all().count(), await Purpose.all().count()] == [0, 0, 0]
    return problems


async def test_the_samples_come_in_and_go_out_byte_for_byte(store: str, tmp_path: Path) -> None:
    brought = await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert len(brought.policies) == 5
    assert await verify(SAMPLES) == []
    await export_history(tmp_path / "out")
    assert files(tmp_path / "out") == {path: content for path, content in files(SAMPLES).items() if "/" in path}
    assert len(await events("version.imported")) == len(brought.versions) == 11


async def test_every_change_of_the_samples_is_classified_with_a_reason(store: str) -> None:
    await import_history(SAMPLES, by=SYSTEM, at=NOW)
    classified = await Classification.all()
    assert len(classified) == await Change.all().count() > 20
    assert all(row.reason for row in classified)


async def test_importing_again_skips_what_is_there(store: str) -> None:
    first = await import_history(SAMPLES, by=SYSTEM, at=NOW)
    again = await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert (again.policies, again.versions, again.skipped) == ((), (), len(first.versions))
    assert await Version.all().count() == len(first.versions)


async def test_only_the_versions_that_are_new_are_brought_in(store: str, samples: Path) -> None:
    for path in (samples / "contact-forms").glob("0003.*"):
        path.unlink()
    await import_history(samples, by=SYSTEM, at=NOW)
    brought = await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert brought.versions == ("contact-forms/0003",)
    assert await verify(SAMPLES) == []


async def test_what_was_published_here_comes_in_elsewhere_as_it_was(office: Office, tmp_path: Path) -> None:
    swept = await sweep(tmp_path)
    assert len(swept.written) == 6
    assert await verify(tmp_path) == []
    text = await VersionText.get(version__number=2, authoritative=True)
    assert (tmp_path / "privacy" / "0002.md").read_bytes() == text.text.encode()
    assert (tmp_path / "privacy" / "0002.de.md").read_text() == "# Datenschutz\n"
    brought = await import_history(tmp_path, by=SYSTEM, at=NOW)
    assert brought.skipped == 2


async def test_a_sweep_repairs_what_is_missing_and_touches_nothing_else(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    whole = files(tmp_path)
    (tmp_path / "privacy" / "0001.md").unlink()
    (tmp_path / "privacy" / "0002.toml").unlink()
    (tmp_path / "privacy" / ".0002.toml.unfinished").write_text("num")  # as a crash would leave it
    assert set((await sweep(tmp_path)).written) == {"privacy/0001.md", "privacy/0002.toml"}
    assert files(tmp_path) == whole
    assert (await sweep(tmp_path)).written == ()


async def test_a_sweep_reports_and_never_overwrites_a_version_that_differs(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    text = tmp_path / "privacy" / "0002.md"
    text.write_text("Something else.\n")
    swept = await sweep(tmp_path)
    assert [(difference.path, difference.kind) for difference in swept.differing] == [
        ("privacy/0002.md", Kind.OTHER_TEXT)
    ]
    assert text.read_text() == "Something else.\n"


async def test_the_archive_follows_the_policys_defaults(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    defaults = Defaults(NoticeTerms(objection_days=40), TREATMENTS)
    await change_policy_defaults(office.policy.id, defaults, by=office.lena, at=POSTED_2)
    assert (await sweep(tmp_path)).written == ("privacy/policy.toml",)
    assert "objection_days = 40" in (tmp_path / "privacy" / "policy.toml").read_text()


async def test_verify_names_every_difference(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    folder = tmp_path / "privacy"
    (folder / "0001.md").unlink()
    (folder / "0002.de.md").write_text("# Privatsphäre\n")
    (folder / "notes.txt").write_text("?")
    (folder / "0003.md").write_text("Not published.\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "README.md").write_text("Anybody may write a README.")
    edit(folder / "0002.toml", 'purposes = ["marketing"]', "purposes = []")
    edit(folder / "0002.toml", 'digest = "sha256:', 'digest = "sha256:0')
    edit(folder / "policy.toml", "objection_days = 20", "objection_days = 30")
    (folder / "0001.toml").write_text("number = ")
    found = await verify(tmp_path)
    assert [(difference.path, difference.kind) for difference in found] == [
        ("elsewhere", Kind.UNKNOWN),
        ("privacy/0001.md", Kind.MISSING),
        ("privacy/0001.toml", Kind.UNREADABLE),
        ("privacy/0002.de.md", Kind.OTHER_TEXT),
        ("privacy/0002.toml", Kind.OTHER_DIGEST),
        ("privacy/0002.toml", Kind.OTHER_RECORD),
        ("privacy/0003.md", Kind.UNKNOWN),
        ("privacy/notes.txt", Kind.UNKNOWN),
        ("privacy/policy.toml", Kind.OTHER_RECORD),
    ]
    [classification] = [difference for difference in found if "purposes is" in difference.detail]
    assert "change " in classification.detail


async def test_a_comment_in_a_record_is_no_difference(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    edit(tmp_path / "privacy" / "policy.toml", "[notice]", "# told by mail\n[notice]")
    assert await verify(tmp_path) == []
    assert (await sweep(tmp_path)).written == ()


SPOILT = [
    ("contact-forms/0001.md", "Ternwick", "Tarnwick", "contact-forms/0001.toml: digest"),
    ("contact-forms/0002.de.md", "Ternwick", "Tarnwick", "contact-forms/0002.toml: translations"),
    ("contact-forms/0002.toml", 'summary = "', 'summary = "Nothing. ', "contact-forms/0002.toml: approved"),
    ("contact-forms/0002.toml", 'reason = "', 'reason = "Well, ', "contact-forms/0002.toml: approved"),
    ("contact-forms/0002.toml", "posted_at = 2026-03", "posted_at = 2025-03", "contact-forms/0002.toml: posted_at"),
    ("contact-forms/0003.toml", "posted_at = 2026", "posted_at = 2027", "contact-forms/0003.toml: posted_at"),
    ("contact-forms/0002.toml", 'purposes = ["marketing"]', 'purposes = ["selling"]', "changes[0].purposes"),
    ("contact-forms/0002.toml", "number = 2", "number = 7", "contact-forms/0002.toml: number"),
    ("contact-forms/0002.toml", "author = ", "autor = ", "contact-forms/0002.toml: autor"),
    ("contact-forms/0002.toml", "delta = [[0,", "delta = [[1,", "contact-forms/0002.toml: comparison"),
    ("contact-forms/0002.toml", "old = [3", 'old = "[3', "contact-forms/0002.toml"),
    ("contact-forms/policy.toml", "objection_days = 20", "objection_days = 2", "policy.toml: notice.objection_days"),
    ("contact-forms/policy.toml", "title = ", "name = ", "contact-forms/policy.toml: name"),
    ("crm/policy.toml", 'title = "Marketing"', 'title = "Selling"', "purposes.marketing"),
]


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_a_spoilt_archive_is_refused_with_its_place(store: str, samples: Path, spoilt: tuple[str, ...]) -> None:
    path, old, new, said = spoilt
    edit(samples / path, old, new)
    assert any(said in problem for problem in await problems_of(samples))


@pytest.mark.parametrize("name", ["0001.toml", "0001.md", "policy.toml", "0002.de.md"])
async def test_a_missing_file_is_named(store: str, samples: Path, name: str) -> None:
    (samples / "contact-forms" / name).unlink()
    assert any("contact-forms/" in problem for problem in await problems_of(samples))


async def test_a_missing_version_is_named(store: str, samples: Path) -> None:
    for path in (samples / "contact-forms").glob("0002.*"):
        path.unlink()
    assert "contact-forms/0003.toml: number: version 2 is missing" in await problems_of(samples)


async def test_a_text_in_another_form_than_is_published_is_refused(store: str, samples: Path) -> None:
    text = samples / "crm" / "0001.md"
    text.write_bytes(text.read_bytes().replace(b"\n", b"\r\n"))
    assert [problem.partition(":")[0] for problem in await problems_of(samples)] == ["crm/0001.md"]


async def test_a_folder_that_is_none_is_refused(store: str, tmp_path: Path) -> None:
    assert await problems_of(tmp_path / "nowhere") == (f"{tmp_path / 'nowhere'}: is no folder",)


async def test_a_version_that_was_published_otherwise_is_refused(office: Office, tmp_path: Path) -> None:
    await sweep(tmp_path)
    record = tmp_path / "privacy" / "0002.toml"
    edit(record, 'author = "Lena Hofer"', 'author = "Nobody"')
    with pytest.raises(RuleBroken) as refused:
        await import_history(tmp_path, by=SYSTEM, at=NOW)
    assert refused.value.facts["problems"] == ("privacy/0002.toml: version 2 was published with other content",)


async def test_versions_that_members_would_have_to_be_told_of_are_refused(store: str, samples: Path) -> None:
    for path in (samples / "contact-forms").glob("0003.*"):
        path.unlink()
    await import_history(samples, by=SYSTEM, at=NOW)
    policy = await Policy.get(slug="contact-forms")
    await make_member(policy, joined_at=at("2026-05-01 00:00"))
    with pytest.raises(RuleBroken) as refused:
        await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert "concerns 1 members" in str(refused.value.facts["problems"])
    assert await Notice.all().count() == 0


async def test_versions_that_concern_nobody_come_in_beside_members(store: str, samples: Path) -> None:
    for path in (samples / "contact-forms").glob("0003.*"):
        path.unlink()
    await import_history(samples, by=SYSTEM, at=NOW)
    await make_member(await Policy.get(slug="contact-forms"), joined_at=at("2026-07-01 00:00"))
    brought = await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert brought.versions == ("contact-forms/0003",)


async def test_an_open_draft_stands_in_the_way_of_its_policys_next_version(store: str, samples: Path) -> None:
    for path in (samples / "contact-forms").glob("0003.*"):
        path.unlink()
    await import_history(samples, by=SYSTEM, at=NOW)
    lena = await person("Lena Hofer", NOW)
    await start_draft((await Policy.get(slug="contact-forms")).id, by=lena, at=NOW)
    with pytest.raises(RuleBroken) as refused:
        await import_history(SAMPLES, by=SYSTEM, at=NOW)
    assert "a draft of this policy is open" in str(refused.value.facts["problems"])


async def test_an_imported_version_is_as_immutable_as_a_published_one(store: str) -> None:
    await import_history(SAMPLES, by=SYSTEM, at=NOW)
    with pytest.raises(Exception, match="never altered"):
        await altered()


async def altered() -> None:
    async with transaction() as connection:
        await connection.execute_query("UPDATE version SET posted_at = recorded_at")


async def test_a_policy_without_versions_is_archived_and_comes_in_too(store: str, tmp_path: Path) -> None:
    await policy_of(BY_MAIL, by=SYSTEM, at=POSTED_1)
    assert (await sweep(tmp_path)).written == ("privacy/policy.toml",)
    assert (await import_history(tmp_path, by=SYSTEM, at=NOW)).skipped == 0
    assert await verify(tmp_path) == []
