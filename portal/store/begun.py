"""Tortoise's transaction, but for what it forgets where one cannot be begun.

When BEGIN fails on a connection that has died, or is cancelled, Tortoise gives back neither the pool's connection
(PostgreSQL: the pool hands out five, then everybody waits for ever) nor the lock of the only one (SQLite: at once). And
the task goes on using the dead one for all that it does later.
"""

from contextlib import suppress
from types import TracebackType

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContext
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction


class Begun:
    """`async with Begun("default") as connection`: a transaction on the connection of that name."""

    def __init__(self, name: str) -> None:
        self._context: TransactionContext = in_transaction(name)
        self._connections = get_connections()
        self._before = self._connections._get_storage()  # noqa: SLF001 - nothing public tells

    async def __aenter__(self) -> BaseDBAsyncClient:
        try:
            return await self._context.__aenter__()
        except BaseException:
            self._forget()
            await self._give_back()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._context.__aexit__(kind, error, trace)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._connections._set_storage(self._before)  # noqa: SLF001

    async def _give_back(self) -> None:
        if not hasattr(self._context, "token"):  # a savepoint, or cancelled while it waited for its turn
            return
        if lock := getattr(self._context, "_trxlock", None):
            lock.release()
            return
        client = self._context.client
        with suppress(Exception):  # it has died, and the pool opens another one
            await client._parent._pool.release(client._connection)  # noqa: SLF001
