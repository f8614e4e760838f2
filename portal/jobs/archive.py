"""The archive's files follow the database: looked after whenever a version or a policy's defaults are new."""

from datetime import datetime
from pathlib import Path

import structlog

from portal.actions.history import sweep
from portal.store.policies import Policy, Purpose, Version

log = structlog.get_logger("portal.jobs")


class ArchiveKeeper:
    """A sweep for `running(…, also=[…])`. What a crash left out is written at the next start at the latest.

    Looking at all files takes a while, so it looks at them only where the rows they are made of have changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: object = None

    async def __call__(self, _at: datetime) -> None:
        present = await _fingerprint()
        if present == self._seen:
            return
        try:
            swept = await sweep(self._folder)
        except OSError as error:
            log.error("archive_not_written", folder=str(self._folder), reason=error.strerror or str(error))
            return
        for difference in swept.differing:
            log.error("archive_differs", what=str(difference))
        if swept.written:
            log.info("archive_written", files=len(swept.written))
        self._seen = present


async def _fingerprint() -> object:
    """What the files are made of, and may become another; a version never does, so their number will do."""
    policies = await Policy.all().order_by("id").values()
    return await Version.all().count(), policies, await Purpose.all().order_by("id").values()
