"""What the models declare, and the migrations promise, is what a migrated database has."""

import asyncio
import importlib
import re
import sys

import pytest
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from bench.databases import Databases
from bench.schema_files import recorded, schema_of
from portal.store import connect, daybook, disconnect, migrate
from portal.store.connections import is_sqlite, orm_config
from portal.store.ready import missing_migrations
from portal.store.snapshot import fill_if_empty, schema_file
from portal.store.triggers import spelled
from tests.support.schema import checks_of, indexes_of, triggers_of

promises = importlib.import_module("portal.store.migrations.0003_promises")
of_comparisons = importlib.import_module("portal.store.migrations.0005_stored_comparison")
of_returned = importlib.import_module("portal.store.migrations.0007_returned_mail")
of_erasures = importlib.import_module("portal.store.migrations.0011_erased_mail")
of_sending = importlib.import_module("portal.store.migrations.0012_fewer_indexes")
of_domains = importlib.import_module("portal.store.migrations.0010_mail_domain")
of_rolls = importlib.import_module("portal.store.migrations.0017_recipient_roll")
of_terms = importlib.import_module("portal.store.migrations.0014_my_terms")
of_holds = importlib.import_module("portal.store.migrations.0008_campaign_hold")
of_submissions = importlib.import_module("portal.store.migrations.0019_submissions")
of_declarations = importlib.import_module("portal.store.migrations.0013_declarations")
of_replies = importlib.import_module("portal.store.migrations.0018_replies")


@pytest.fixture
async def models(database_url: str) -> list[type[Model]]:
    await connect(database_url)
    assert Tortoise.apps is not None
    found = list(Tortoise.apps["portal"].values())
    await disconnect()
    return found


async def test_the_models_ask_for_no_further_migration(database_url: str) -> None:
    config = orm_config(database_url)
    context = await Tortoise.init(config=config, init_connections=False)
    try:
        assert context.apps is not None
        assert await MigrationAutodetector(context.apps, config["apps"]).changes() == []
    finally:
        await Tortoise.close_connections()


async def test_every_declared_constraint_and_index_is_there(database_url: str, models: list[type[Model]]) -> None:
    for model in models:
        table = model._meta.db_table
        uniques = {wanted.name or "" for wanted in model._meta.constraints if isinstance(wanted, UniqueConstraint)}
        checks = {wanted.name for wanted in model._meta.constraints if isinstance(wanted, CheckConstraint)}
        indexes = {index.name or "" for index in model._meta.indexes if not isinstance(index, tuple)}
        assert uniques | indexes <= await indexes_of(database_url, table), table
        assert await checks_of(database_url, table, checks) == checks, table


async def test_a_members_table_has_no_unique_key_without_the_member(models: list[type[Model]]) -> None:
    tables = [model for model in models if "member_id" in model._meta.db_fields and model._meta.db_table != "event"]
    keys = [wanted for model in tables for wanted in model._meta.constraints if isinstance(wanted, UniqueConstraint)]
    assert keys
    assert [key.name for key in keys if "member_id" not in key.fields] == []


async def test_every_promise_has_its_index_or_trigger(database_url: str) -> None:
    partial = [*promises.ONLY_ONE, *of_terms.ONLY_ONE]
    partial += [*of_holds.PARTIAL_INDEXES, *of_erasures.PARTIAL_INDEXES, *of_sending.PARTIAL_INDEXES]
    partial += [*of_declarations.PARTIAL_INDEXES, *of_replies.ONLY_ONE]
    for statement in partial:
        name, table = re.findall(r"INDEX (\w+) ON (\w+)", statement)[0]
        assert name in await indexes_of(database_url, table)
    dialect = "sqlite" if is_sqlite(database_url) else "postgres"
    made = (
        promises.PROMISES,
        of_comparisons.promises(dialect),
        of_returned.PROMISES,
        of_holds.PROMISES,
        of_erasures.PROMISES,
        of_rolls.PROMISES,
        of_terms.PROMISES,
        of_declarations.PROMISES,
        of_replies.PROMISES,
        of_submissions.PROMISES,
    )
    statements = [statement for some in made for statement in spelled(some, dialect)]
    statements += [*of_domains.ON_SQLITE, *daybook.TRIGGERS] if dialect == "sqlite" else of_domains.ON_POSTGRESQL
    wanted = set(re.findall(r"CREATE TRIGGER (\w+)", "\n".join(statements)))
    assert len(wanted) > 50
    assert await triggers_of(database_url) == wanted


async def test_the_file_of_the_schema_makes_what_the_migrations_make(databases: Databases, database_url: str) -> None:
    url = databases.make()
    try:
        await migrate(url, step_by_step=True)
        filled, migrated = [await asyncio.to_thread(schema_of, one) for one in (database_url, url)]
        assert plain(filled) == plain(migrated)
    finally:
        databases.drop(url)


def plain(schema: str) -> list[str]:
    """PostgreSQL writes a list of texts with other casts and brackets once it has read its own way of writing it."""
    return re.sub(r"::(?:character varying|text)(?:\[\])?|[()]", "", schema).splitlines()


async def test_the_file_of_the_schema_stands_for_all_migrations(database_url: str) -> None:
    file = schema_file(sqlite=is_sqlite(database_url)).read_text(encoding="utf-8")
    assert recorded() in file, "run: python -m bench.schema_files"
    assert await missing_migrations(database_url) == []


async def test_a_database_that_has_tables_is_not_filled(database_url: str) -> None:
    assert await fill_if_empty(database_url) is False


async def test_two_processes_may_migrate_one_after_the_other_or_at_once(unmigrated_database_url: str) -> None:
    code = f"import asyncio; from portal.store import migrate; asyncio.run(migrate({unmigrated_database_url!r}))"
    racers = [await asyncio.create_subprocess_exec(sys.executable, "-c", code) for _ in range(2)]
    assert [await racer.wait() for racer in racers] == [0, 0]
    before = await triggers_of(unmigrated_database_url)
    assert before
    await migrate(unmigrated_database_url)
    assert await triggers_of(unmigrated_database_url) == before
