"""Where jobs wait, in the one process of SQLite."""

import asyncio

from portal.jobs.queue import AT_A_TIME, InProcess

ALL = 3 * AT_A_TIME


async def test_a_few_jobs_of_a_kind_run_at_a_time_and_keep_no_other_kind_waiting() -> None:
    queue, full, go_on = InProcess(), asyncio.Event(), asyncio.Event()
    mailed, ended = asyncio.Event(), asyncio.Event()
    running, most, done = 0, 0, 0

    async def send(_payload: bytes) -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        if running == AT_A_TIME:
            full.set()
        await go_on.wait()
        running, done = running - 1, done + 1
        if done == ALL:
            ended.set()

    async def mail(_payload: bytes) -> None:
        mailed.set()

    await queue.open({"notices": send, "mails": mail})
    for number in range(ALL):
        await queue.put("notices", str(number).encode())
    work = asyncio.create_task(queue.run())
    await full.wait()
    await queue.put("mails", b"mails")
    await mailed.wait()
    assert (running, done) == (AT_A_TIME, 0)
    go_on.set()
    await ended.wait()
    queue.stop()
    await work
    assert most == AT_A_TIME
