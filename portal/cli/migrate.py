"""`manage.py migrate`."""

from portal.cli import Stop
from portal.cli.surroundings import UNREACHABLE, read_settings, reason, shown
from portal.store import migrate as bring_up
from portal.store.connections import is_sqlite
from portal.store.ready import missing_migrations, sqlite_file


async def migrate() -> None:
    """Bring the database to this version's tables. It may run while the portal serves; twice does no harm."""
    settings = read_settings()
    try:
        if is_sqlite(settings.database):
            sqlite_file(settings.database).parent.mkdir(parents=True, exist_ok=True)
        missing = await missing_migrations(settings.database)
        await bring_up(settings.database)
    except UNREACHABLE as error:
        raise Stop(f"the database {shown(settings.database)} cannot be opened: {reason(error)}") from None
    print(f"applied: {', '.join(missing)}" if missing else "nothing to do: the tables are this version's")
