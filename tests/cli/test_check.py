"""`manage.py check` names what is wrong around the portal, a line each."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.history import export_history
from portal.actions.staff import add_staff
from portal.cli.check import check
from portal.mail.catcher import Catcher, catching
from portal.store import connect, disconnect
from portal.web.clock import now
from tests.support.drafting import BY_MAIL, TEXT_1, person, policy_of, published
from tests.support.oidc_provider import CLIENT, provider_on_a_socket

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Catcher]:
    async with catching(tmp_path / "mail") as catcher:
        yield catcher


@pytest.fixture
async def in_order(database_url: str, tmp_path: Path, relay: Catcher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Surroundings in which nothing is wrong; the folder in which data and archive lie."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PORTAL_HISTORY", str(tmp_path / "history"))
    monkeypatch.setenv("PORTAL_SMTP_PORT", str(relay.port))
    await connect(database_url)
    try:
        await add_staff("ann@example.com", "Ann", ["admin"], PASSWORD, by=SYSTEM, at=now())
        author, approver = await person("Bo", now()), await person("Cy", now())
        policy = await policy_of(BY_MAIL, by=author, at=now())
        await published(policy, TEXT_1, by=author, approver=approver, at=now())
        await export_history(tmp_path / "history")
    finally:
        await disconnect()
    return tmp_path


async def problems(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines; the status is 1 exactly where there are any."""
    status = await check()
    lines = capsys.readouterr().out.splitlines()
    assert (status == 0) == (lines == ["everything is in order"])
    return [line for line in lines if line != "everything is in order"]


@pytest.mark.usefixtures("in_order")
async def test_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert await problems(capsys) == []


@pytest.mark.usefixtures("in_order")
async def test_a_misspelt_setting_is_named_with_the_right_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SMPT_HOST", "relay")
    [line] = await problems(capsys)
    assert line.startswith("settings: PORTAL_SMPT_HOST means nothing here (did you mean PORTAL_SMTP_HOST?)")


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORTAL_SMTP_PORT", "mail", "settings: PORTAL_SMTP_PORT: Input should be a valid integer"),
        ("PORTAL_DATABASE_URL", "mysql://x", "settings: PORTAL_DATABASE_URL: "),
        ("PORTAL_BASE_URL", "https://x.example/", "settings: PORTAL_BASE_URL 'https://x.example/' is no address"),
        ("PORTAL_BASE_URL", "http://x.example", "settings: PORTAL_BASE_URL http://x.example is not encrypted"),
        ("PORTAL_OIDC_SCOPE", "profile", "settings: PORTAL_OIDC_SCOPE: "),
        ("PORTAL_OIDC_CA_FILE", "/nowhere.pem", "settings: PORTAL_OIDC_CA_FILE: "),
        ("PORTAL_HAND_OVER_SECRET", "too short", "settings: PORTAL_HAND_OVER_SECRET: "),
        ("PORTAL_HAND_OVER_KEYS", "/nowhere.pem", "settings: PORTAL_HAND_OVER_KEYS: "),
        ("PORTAL_HAND_OVER_KEYS", __file__, "settings: PORTAL_HAND_OVER_KEYS: "),
        ("PORTAL_HAND_OVER_URL", "http://x.example/", "settings: PORTAL_HAND_OVER_URL: "),
        ("PORTAL_HAND_OVER_URL", "/privacy", "settings: PORTAL_HAND_OVER_URL: "),
    ],
)
async def test_a_wrong_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    [line] = await problems(capsys)
    assert line.startswith(said)


@pytest.mark.usefixtures("in_order")
async def test_a_database_that_is_not_there_is_named_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"postgres://portal:geheim@127.0.0.1:{unused_port}/portal")
    [line] = await problems(capsys)
    assert line.startswith(f"database: postgres://127.0.0.1:{unused_port}/portal cannot be reached: ")
    assert "geheim" not in line


@pytest.mark.usefixtures("in_order")
async def test_missing_migrations_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unmigrated_database_url: str
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", unmigrated_database_url)
    [line] = await problems(capsys)
    assert line.startswith("database: ")
    assert line.endswith("; run: manage.py migrate")


@pytest.mark.usefixtures("in_order")
async def test_a_mail_server_that_does_not_answer_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_PORT", str(unused_port))
    [line] = await problems(capsys)
    assert line.startswith(f"mail: 127.0.0.1:{unused_port} cannot be used: ")


@pytest.mark.usefixtures("in_order")
async def test_a_mail_server_without_the_wanted_encryption_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_STARTTLS", "required")
    [line] = await problems(capsys)
    assert "STARTTLS" in line


@pytest.mark.usefixtures("in_order")
async def test_a_file_without_certificates_to_trust_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, content in (("missing.pem", None), ("empty.pem", ""), ("words.pem", "trust me")):
        if content is not None:
            (tmp_path / name).write_text(content)
        monkeypatch.setenv("PORTAL_SMTP_CA_FILE", str(tmp_path / name))
        [line] = await problems(capsys)
        wrong = f"settings: PORTAL_SMTP_CA_FILE: Value error, {tmp_path / name} is no PEM file with certificates: "
        assert line.startswith(wrong)


async def test_a_folder_that_cannot_be_written_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, in_order: Path
) -> None:
    (in_order / "file").write_text("no folder")
    monkeypatch.setenv("PORTAL_DATA", str(in_order / "file" / "data"))
    [line] = await problems(capsys)
    assert line.startswith(f"folders: PORTAL_DATA {in_order}/file/data cannot be written")


async def test_keys_that_others_can_read_are_named(capsys: pytest.CaptureFixture[str], in_order: Path) -> None:
    keys = in_order / "data" / "keys"
    keys.parent.mkdir(exist_ok=True)
    keys.write_text("secret\n")
    keys.chmod(0o644)
    [line] = await problems(capsys)
    assert line.endswith(f"run: chmod 600 {keys}")


async def test_a_difference_between_archive_and_database_is_named(
    capsys: pytest.CaptureFixture[str], in_order: Path
) -> None:
    await asyncio.to_thread((in_order / "history" / "privacy" / "0001.md").write_text, "something else\n")
    lines = await problems(capsys)
    assert lines
    assert all(line.startswith(f"archive: {in_order}/history/privacy/0001.md: ") for line in lines)


@pytest.mark.usefixtures("relay")
async def test_a_portal_without_an_admin_is_named(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    tmp_path: Path,
    relay: Catcher,
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PORTAL_HISTORY", str(tmp_path / "history"))
    monkeypatch.setenv("PORTAL_SMTP_PORT", str(relay.port))
    [line] = await problems(capsys)
    assert line.startswith("staff: nobody is an admin; run: manage.py staff add")


@pytest.mark.usefixtures("in_order")
async def test_a_sign_on_is_encrypted_and_knows_the_portal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_OIDC_ISSUER", "https://login.example.com")
    [line] = await problems(capsys)
    assert line.startswith("settings: PORTAL_OIDC_CLIENT_ID: ")
    monkeypatch.setenv("PORTAL_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("PORTAL_OIDC_ISSUER", "http://login.example.com")
    [line] = await problems(capsys)
    assert line.startswith("settings: PORTAL_OIDC_ISSUER: ")


@pytest.mark.usefixtures("in_order")
async def test_a_sign_on_that_does_not_answer_or_is_another_one_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("PORTAL_OIDC_CLIENT_ID", CLIENT)
    async with provider_on_a_socket(now) as provider:
        monkeypatch.setenv("PORTAL_OIDC_ISSUER", provider.issuer)
        assert await problems(capsys) == []
        monkeypatch.setenv("PORTAL_OIDC_ISSUER", f"{provider.issuer}/")
        [line] = await problems(capsys)
        assert line.startswith(f"sign-on: {provider.issuer}/ cannot be used: another issuer; ")
    monkeypatch.setenv("PORTAL_OIDC_ISSUER", f"http://127.0.0.1:{unused_port}")
    [line] = await problems(capsys)
    assert line.startswith(f"sign-on: http://127.0.0.1:{unused_port} cannot be used: ")
