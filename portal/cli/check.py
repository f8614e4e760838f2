"""`manage.py check`: what is wrong around the portal, a line each, with what to do."""

import difflib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from portal.actions.history import verify
from portal.cli.surroundings import UNREACHABLE, reason, shown, wrong_settings
from portal.jobs.by_settings import relays_of, signing_key_of
from portal.mail.dkim_key import CannotSign
from portal.mail.smtp import Relay, RelayUnusable
from portal.settings import Settings, unknown_settings
from portal.store import connect, disconnect
from portal.store.connections import is_sqlite
from portal.store.ready import missing_migrations, sqlite_file
from portal.store.staff import Role, Staff
from portal.web.clock import now
from portal.web.sign_on.provider import Provider
from portal.web.sign_on.refusal import ProviderAway

SHOWN_DIFFERENCES = 20
_REMEDY = "see manage.py history verify"
_BASE_URL = "settings: PORTAL_BASE_URL"


async def check() -> int:
    """Name what is wrong with settings, folders, database, mail server and archive. Status 1 where anything is."""
    problems = [problem async for problem in found_problems()]
    for problem in problems:
        print(problem)
    if not problems:
        print("everything is in order")
    return int(bool(problems))


async def found_problems() -> AsyncIterator[str]:
    for name in unknown_settings():
        yield f"settings: {name} means nothing here{_nearest(name)}; unset it or correct its name"
    try:
        settings = Settings()
    except ValidationError as wrong:
        for line in wrong_settings(wrong):
            yield f"settings: {line}; correct it"
        return
    for problem in (*_address_problems(settings), *_folder_problems(settings)):
        yield problem
    async for problem in _database_problems(settings):
        yield problem
    async for problem in _mail_problems(settings):
        yield problem
    async for problem in _sign_on_problems(settings):
        yield problem


def _nearest(name: str) -> str:
    known = [f"PORTAL_{field.upper()}" for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _address_problems(settings: Settings) -> Iterator[str]:
    parts = urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or settings.base_url.endswith("/"):
        yield f"{_BASE_URL} {settings.base_url!r} is no address like https://privacy.example.com; correct it"
    elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        yield f"{_BASE_URL} {settings.base_url} is not encrypted; put a proxy with TLS before it, and use https"
    if parts.scheme == "https" and settings.mailbox:
        yield "settings: PORTAL_MAILBOX shows caught mail to everybody; unset it"


def _folder_problems(settings: Settings) -> Iterator[str]:
    for name, folder in (("PORTAL_DATA", settings.data), ("PORTAL_HISTORY", settings.archive)):
        if not _writable(folder):
            yield f"folders: {name} {folder.resolve()} cannot be written; create it, or give it to the portal's user"
    if settings.keys_file.exists() and settings.keys_file.stat().st_mode & 0o077:
        yield f"folders: {settings.keys_file} can be read by others; run: chmod 600 {settings.keys_file}"


def _writable(folder: Path) -> bool:
    """Whether files can be made in it, or it can be made."""
    nearest = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


async def _database_problems(settings: Settings) -> AsyncIterator[str]:
    name = shown(settings.database)
    if is_sqlite(settings.database) and not sqlite_file(settings.database).exists():
        yield f"database: {name} does not exist yet; run: manage.py migrate"
        return
    try:
        missing = await missing_migrations(settings.database)
    except UNREACHABLE as error:
        yield f"database: {name} cannot be reached: {reason(error)}; start it, or correct PORTAL_DATABASE_URL"
        return
    if missing:
        yield f"database: {name} lacks {', '.join(missing)}; run: manage.py migrate"
        return
    await connect(settings.database)
    try:
        async for problem in _content_problems(settings):
            yield problem
    finally:
        await disconnect()


async def _content_problems(settings: Settings) -> AsyncIterator[str]:
    people = await Staff.filter(disabled_at__isnull=True)
    if not any(Role.ADMIN in person.roles for person in people):
        yield "staff: nobody is an admin; run: manage.py staff add ADDRESS --name NAME --role admin"
    differences = await verify(settings.archive)
    missing = [one for one in differences if one.kind == "missing"]
    if missing:
        remedy = f"a running server writes them, and so does: manage.py history export {settings.archive}"
        yield f"archive: {len(missing)} files are missing in {settings.archive}; {remedy}"
    found = [one for one in differences if one.kind != "missing"]
    for difference in found[:SHOWN_DIFFERENCES]:
        yield f"archive: {settings.archive / difference.path}: {difference.kind}: {difference.detail}; {_REMEDY}"
    if len(found) > SHOWN_DIFFERENCES:
        yield f"archive: {len(found) - SHOWN_DIFFERENCES} more differences; run: manage.py history verify"


async def _mail_problems(settings: Settings) -> AsyncIterator[str]:
    for problem in _signing_problems(settings):
        yield problem
    for chosen in relays_of(settings):
        relay = Relay(chosen)
        try:
            await relay.ready()
        except RelayUnusable as refused:
            server = f"{chosen.host}:{chosen.port}"
            yield f"mail: {server} cannot be used: {refused.reason}; start it, or correct the PORTAL_SMTP_ settings"
        finally:
            await relay.quit()


def _signing_problems(settings: Settings) -> Iterator[str]:
    try:
        key = signing_key_of(settings)
    except CannotSign as unfit:
        yield f"settings: {unfit}; or unset the PORTAL_DKIM_ settings, and let the relay sign"
        return
    if key is not None and not _aligned(settings.mail_from.rpartition("@")[2].lower(), settings.dkim_domain):
        yield (
            f"settings: PORTAL_DKIM_DOMAIN {settings.dkim_domain} is not the domain of PORTAL_MAIL_FROM "
            f"{settings.mail_from}, so signatures prove nothing about the sender (DMARC); use one domain for both"
        )


def _aligned(sender: str, signs: str) -> bool:
    """Whether one lies in the other, which DMARC asks for, but for domains in which anybody may have one."""
    return sender == signs or sender.endswith(f".{signs}") or signs.endswith(f".{sender}")


async def _sign_on_problems(settings: Settings) -> AsyncIterator[str]:
    """Whether the company's sign-on says where it is and which keys it signs with."""
    if not settings.oidc_issuer:
        return
    try:
        await Provider(settings).look(now())
    except ProviderAway as away:
        why = reason(away.__cause__ or away)
        yield f"sign-on: {settings.oidc_issuer} cannot be used: {why}; start it, or correct the PORTAL_OIDC_ settings"
