"""What all tests share: the choice of the database, fresh databases, and no skipping.

A test that asks for `database_url`, itself or through another fixture, runs on SQLite and, by `--database postgresql`,
on PostgreSQL; with that option all other tests are left out, since they have nothing to do with it. An `async def` test
or fixture needs no mark.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from bench.databases import Databases, PostgresqlDatabases, SqliteDatabases, in_own_loop
from bench.postgresql import ClusterFailed, cluster
from portal.actions import password
from portal.store import connect, disconnect, migrate
from tests.support.no_skips import NoSkips

CLUSTER_URL = pytest.StashKey[str]()

# A busy machine is no reason to fail. In CI Hypothesis has chosen a profile already, this one builds on it.
settings.register_profile("portal", settings(), deadline=None)
settings.load_profile("portal")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="the database to test on")
    parser.addoption("--lives", type=int, default=0, help="so many long random lives instead of a few (tests/stateful)")


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]  # a developer's own settings are not what is tested
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NoSkips())
    if database(config) == "postgresql":
        config.stash[CLUSTER_URL] = cluster_url(config)


def cluster_url(config: pytest.Config) -> str:
    """The one cluster of this run: pytest-xdist's workers are told where the main process has started it."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["cluster_url"])
    stack = ExitStack()
    try:
        url = stack.enter_context(cluster())
    except ClusterFailed as failed:
        pytest.exit(f"PostgreSQL does not start: {failed}", returncode=3)
    config.add_cleanup(stack.close)
    return url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    node.workerinput["cluster_url"] = node.config.stash.get(CLUSTER_URL, "")  # type: ignore[attr-defined]


def database(config: pytest.Config) -> str:
    return str(config.getoption("database"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = {item for item in items if not belongs(item, database(config))}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def belongs(item: pytest.Item, name: str) -> bool:
    """Whether the test is one for this database; what uses no database belongs to the run on SQLite."""
    mark = item.get_closest_marker("database")
    if mark:
        return mark.args == (name,)
    return name == "sqlite" or "databases" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Argon2 at its lowest cost: the tests sign in thousands of times, and are not about how long that takes."""
    usual = password._hasher
    password._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    password._nobodys.cache_clear()
    yield
    password._hasher = usual


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    if database(request.config) == "postgresql":
        return PostgresqlDatabases(request.config.stash[CLUSTER_URL])
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> str:
    """The URL of a migrated database to be copied; nobody may connect to it."""
    url = databases.make()
    in_own_loop(migrate(url))
    return url


@pytest.fixture
def database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database of the test's own."""
    url = databases.make(like=migrated_template)
    yield url
    databases.drop(url)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[str]:
    """A fresh database, connected; gives its URL."""
    await connect(database_url)
    yield database_url
    await disconnect()


@pytest.fixture
def unmigrated_database_url(databases: Databases) -> Iterator[str]:
    """The URL of a database without any table."""
    url = databases.make()
    yield url
    databases.drop(url)
