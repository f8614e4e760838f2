"""Rows, constraints, migrations, and the reads that need joins."""

from portal.store.connections import connect, disconnect, transaction
from portal.store.migrating import migrate

__all__ = ["connect", "disconnect", "migrate", "transaction"]
