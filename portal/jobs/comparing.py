"""Every two versions of a policy get compared in the background, so that a page finds the result stored."""

from datetime import datetime

from portal.actions.comparison import keep_comparison
from portal.rules.changes import ENGINE
from portal.store.comparisons import uncompared
from portal.store.policies import Version

A_SWEEP = 40
"""So many pairs at most are compared between two looks at the mail that is due."""


class Comparer:
    """A sweep for `running(…, also=[…])`: neighbours where the publication's engine is an older one, and all others."""

    def __init__(self) -> None:
        self._done_for: object = None

    async def __call__(self, at: datetime) -> None:
        present = (ENGINE, await Version.all().count())
        if present == self._done_for:
            return
        wanted = await uncompared(A_SWEEP)
        for pair in wanted:
            await keep_comparison(pair, at=at)
        if len(wanted) < A_SWEEP:
            self._done_for = present
