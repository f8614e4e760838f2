"""What most commands need: the settings, and the database, or one line that says why not."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from pydantic import ValidationError
from tortoise.exceptions import ConfigurationError, DBConnectionError, OperationalError

from portal.cli import Stop
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.ready import NotMigrated, make_ready

# What a database that cannot be reached, or does not take us, comes as.
UNREACHABLE = (
    OSError,
    ConfigurationError,
    DBConnectionError,
    OperationalError,
    asyncpg.InterfaceError,
    asyncpg.PostgresError,
    sqlite3.Error,
)


def read_settings() -> Settings:
    """The settings of this process; Stop names each one that is wrong."""
    try:
        return Settings()
    except ValidationError as wrong:
        raise Stop("; ".join(wrong_settings(wrong)), status=2) from None


def wrong_settings(wrong: ValidationError) -> list[str]:
    """`PORTAL_SMTP_PORT: Input should be a valid integer`, for each."""
    return [f"PORTAL_{str(error['loc'][0]).upper()}: {error['msg']}" for error in wrong.errors(include_url=False)]


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[None]:
    """The database for the length of a block, with this version's tables. Stop where there is none."""
    try:
        await make_ready(settings.database)
        await connect(settings.database)
    except NotMigrated as behind:
        raise Stop(str(behind)) from None
    except UNREACHABLE as error:
        raise Stop(f"the database {shown(settings.database)} cannot be opened: {reason(error)}") from None
    try:
        yield
    finally:
        await disconnect()


def shown(url: str) -> str:
    """The database's address without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def reason(error: BaseException) -> str:
    """One line of it."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
