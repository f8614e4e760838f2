"""SQLite's settings of a connection, set for a while."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pragma(connection: sqlite3.Connection, name: str, value: int | str, *, then: int | str) -> Iterator[None]:
    """Sets it for the block; `then`, what it is outside of such blocks. To be used in the connection's own thread."""
    connection.execute(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA {name} = {then}")
