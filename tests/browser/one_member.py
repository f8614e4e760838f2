"""A small portal of its own for one test: a member who was mailed a new version, their links and their mail."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from portal.demo.clock import StoryClock
from portal.demo.letterbox import Letter, Letterbox
from portal.demo.server import serving
from tests.support.clock import START
from tests.support.noticed import Noticed, noticed_world
from tests.support.waiting import until_it_is_true

Found = TypeVar("Found")
ADDRESS = "maria@example.org"


class OneMember:
    """The portal from outside. Its clock stands still until it is moved."""

    def __init__(self, noticed: Noticed, clock: StoryClock, loop: asyncio.AbstractEventLoop) -> None:
        self.noticed, self.clock, self._loop = noticed, clock, loop
        self.site = str(noticed.app.state.settings.base_url)
        self.letters = Letterbox(Path(noticed.app.state.settings.mail_folder))

    def move_to(self, instant: datetime) -> None:
        self.clock.move_to(instant)

    def call(self, deed: Coroutine[Any, Any, Found]) -> Found:
        """Runs it where the portal runs."""
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result(timeout=60)

    def mail(self, subject: str) -> Letter:
        """The newest mail with these words in its subject, once all that is due has been sent.

        It is waited for: a sign-in link is written after the page has been answered, so that nobody learns by the time
        it takes whether there is such a member.
        """

        def found() -> list[Letter]:
            return [letter for letter in self.letters.to(ADDRESS) if subject in letter.subject]

        self.call(self.noticed.app.state.jobs.idle())
        self.call(until_it_is_true(lambda: bool(found())))
        return found()[-1]


@contextmanager
def one_member(data: Path) -> Iterator[OneMember]:
    """Serves it while the block lasts, in a thread of its own: Playwright keeps this thread's event loop."""
    ready: Future[tuple[OneMember, asyncio.Event]] = Future()
    thread = Thread(target=lambda: asyncio.run(_serve(data, ready)), name="one-member")
    thread.start()
    member, end = ready.result(timeout=120)
    try:
        yield member
    finally:
        member._loop.call_soon_threadsafe(end.set)
        thread.join()


async def _serve(data: Path, ready: "Future[tuple[OneMember, asyncio.Event]]") -> None:
    clock, end = StoryClock(START), asyncio.Event()
    try:
        async with serving(data, clock) as app:
            noticed = await noticed_world(app)
            ready.set_result((OneMember(noticed, clock, asyncio.get_running_loop()), end))
            await end.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise
