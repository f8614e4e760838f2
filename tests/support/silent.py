"""A narrator for stories that are played to be tested."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime


class Silent:
    """A portal.demo.stage.Narrator that says nothing."""

    def chapter(self, title: str) -> None: ...

    def tell(self, hour: datetime, line: str) -> None: ...

    @contextmanager
    def watching(self, label: str, total: int) -> Iterator["Silent"]:
        yield self

    def reached(self, count: int) -> None: ...
