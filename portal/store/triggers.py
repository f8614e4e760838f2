"""The spelling of promises as triggers, for SQLite and for PostgreSQL. Both answer with an integrity error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Promises:
    """What the triggers of one migration refuse.

    `never_altered`: table -> why. `partly_altered`: table -> (columns that stay, when an update is refused besides,
    why). `inserts_refused`, `updates_refused`: (name, table, condition under which it is refused, why); the condition
    may look at other tables.
    """

    never_altered: Mapping[str, str] = field(default_factory=dict)
    partly_altered: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    inserts_refused: Sequence[tuple[str, str, str, str]] = ()
    updates_refused: Sequence[tuple[str, str, str, str]] = ()

    @property
    def looked_up(self) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
        """The last two together: name, INSERT or UPDATE, and the rest."""
        for event, refused in (("INSERT", self.inserts_refused), ("UPDATE", self.updates_refused)):
            for name, *rest in refused:
                table, condition, why = rest
                yield name, event, (table, condition, why)


def spelled(promises: Promises, dialect: str) -> list[str]:
    """The statements that make the triggers; `dialect` as Tortoise names it. On PostgreSQL `REFUSE` comes first."""
    return list(_for_sqlite(promises) if dialect == "sqlite" else _for_postgres(promises))


def _for_sqlite(promises: Promises) -> Iterator[str]:
    for table, why in promises.never_altered.items():
        yield _sqlite(f"{table}_never_updated", f"UPDATE ON {table}", "1", why)
        yield _sqlite(f"{table}_never_deleted", f"DELETE ON {table}", "1", why)
    for table, (kept, refused, why) in promises.partly_altered.items():
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in kept.split())
        yield _sqlite(f"{table}_kept", f"UPDATE ON {table}", f"{changed} OR ({refused})", why)
        yield _sqlite(f"{table}_never_deleted", f"DELETE ON {table}", "1", why)
    for name, event, (table, condition, why) in promises.looked_up:
        yield _sqlite(name, f"{event} ON {table}", condition, why)


def _sqlite(name: str, event: str, condition: str, why: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"


REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _for_postgres(promises: Promises) -> Iterator[str]:
    for table, why in promises.never_altered.items():
        yield _refuse(f"{table}_never_altered", f"UPDATE OR DELETE ON {table} FOR EACH ROW", why)
        yield _refuse(f"{table}_never_emptied", f"TRUNCATE ON {table} FOR EACH STATEMENT", why)
    for table, (kept, refused, why) in promises.partly_altered.items():
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in kept.split())
        yield _refuse(f"{table}_kept", f"UPDATE ON {table} FOR EACH ROW WHEN ({changed} OR ({refused}))", why)
        yield _refuse(f"{table}_never_deleted", f"DELETE ON {table} FOR EACH ROW", why)
        yield _refuse(f"{table}_never_emptied", f"TRUNCATE ON {table} FOR EACH STATEMENT", why)
    for name, event, (table, condition, why) in promises.looked_up:
        # A trigger's WHEN may not hold a subquery in PostgreSQL, so each of these has a function of its own.
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
            f" RAISE EXCEPTION '{why}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def _refuse(name: str, event: str, why: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} EXECUTE FUNCTION refuse('{why}')"
