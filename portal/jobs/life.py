"""The life of a process's jobs: begun, and ended in order."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from portal.jobs.by_settings import signing_of
from portal.jobs.office import Office
from portal.jobs.queue import queue_for
from portal.jobs.sweeping import Jobs, Sweep
from portal.keys import Keys
from portal.settings import Settings

STOP_SECONDS = 20
MADE_BETWEEN = 10_000
"""So many objects more there may be before the collector looks at the new ones: most of a campaign's go by themselves
first, and need no look (Python's own number is 700)."""


@asynccontextmanager
async def running(
    settings: Settings, keys: Keys, clock: Callable[[], datetime], also: Sequence[Sweep] = (), *, work: bool = True
) -> AsyncIterator[Jobs]:
    """The jobs of this process while the block lasts; the database must be open. `also`: called at each sweep.

    Without `work` it only hands jobs out, for workers elsewhere.

    At its end messages on the wire are finished for up to 20 seconds; what is cut off then is *unknown* when its
    lease ends. Raises CannotSign.
    """
    signing = signing_of(settings) if work else None
    gc.collect()
    gc.freeze()  # what is loaded by now stays: a campaign makes objects fast, and each look at all of them costs
    gc.set_threshold(MADE_BETWEEN)
    jobs = Jobs(Office(settings, keys, clock, signing), queue_for(settings.database), also, work=work)
    tasks = [asyncio.create_task(jobs.run()), *([asyncio.create_task(jobs.work())] if work else [])]
    try:
        yield jobs
    finally:
        # Not cancelled at once: a query that is cut off may keep its connection, and the pool waits for that.
        jobs.stop()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await jobs.office.backlog.settle()
        await jobs.close()
        if signing is not None:
            await signing.close()
