"""`manage.py demo`."""

import asyncio
import gc
import time
from pathlib import Path
from typing import Annotated

import uvloop
from cyclopts import Parameter
from rich.console import Console

from portal.cli import Stop
from portal.demo.addresses import places, who_signs_in
from portal.demo.cast import FEWEST, MOST, PASSWORD, Cast, cast_of
from portal.demo.clock import StoryClock
from portal.demo.folder import CannotPlay, fresh_folder
from portal.demo.page import NotOnThePage
from portal.demo.server import quiet_log, serving
from portal.demo.setting_up import STARTS_AT
from portal.demo.stage import Stage, StoryBroke, set_stage
from portal.demo.story import Told, play
from portal.demo.telling import Terminal, answers_table, outcomes_table

# Of lines that go to a file or through a pipe.
WIDTH = 120


def demo(
    *,
    once: Annotated[
        bool, Parameter(help="End after the story, with status 0 if all came out as told.", negative="")
    ] = False,
    members: Annotated[int, Parameter(help=f"How many people are told, {FEWEST} to {MOST}.")] = 1000,
    port: Annotated[int, Parameter(help="Port to serve at, on 127.0.0.1.")] = 8000,
    data: Annotated[Path, Parameter(help="Folder to fill; a demo's own is emptied first.")] = Path("data/demo"),
) -> int:
    """Play the life of a change in a fresh folder, then serve it until Ctrl-C.

    A made-up company changes a policy. The portal is served at the port, mails go by SMTP to a catcher of the demo's
    own, and everybody in the story acts through pages and mailed links.
    """
    if not FEWEST <= members <= MOST:
        raise Stop(f"--members: {members} is not between {FEWEST} and {MOST}", status=2)
    if not 1 <= port <= 65_535:
        raise Stop(f"--port: {port} is not between 1 and 65535", status=2)
    quiet_log()
    # The collector would look again and again at all that was imported: a sixth of the story's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    try:
        with fresh_folder(data) as folder:
            return uvloop.run(_demo(console, folder, cast_of(members), port, once=once))
    except CannotPlay as why:
        raise Stop(str(why)) from None
    except (StoryBroke, NotOnThePage, LookupError) as broke:
        raise Stop(f"the story does not go on: {broke}") from broke


async def _demo(console: Console, folder: Path, cast: Cast, port: int, *, once: bool) -> int:
    clock, started = StoryClock(STARTS_AT), time.monotonic()
    async with serving(folder, clock, port) as app, set_stage(app, clock, Terminal(console)) as stage:
        told = await play(stage, cast)
        _sum_up(console, told, time.monotonic() - started, whole=once)
        if not once:
            await _stay(console, stage, cast)
    return 0 if told.as_told else 1


def _sum_up(console: Console, told: Told, seconds: float, *, whole: bool) -> None:
    console.print(answers_table(told.answers))
    wrong = [outcome for outcome in told.outcomes if not outcome.as_told]
    if whole or wrong:
        console.print(outcomes_table(told.outcomes if whole else wrong))
    right = len(told.outcomes) - len(wrong)
    colour = "red" if wrong else "green"
    console.print(
        f"[bold {colour}]{right} of {len(told.outcomes)} things came out as told[/], with {told.mails:,} mails caught "
        f"and {told.requests:,} requests, in {seconds:.0f} s."
    )


async def _stay(console: Console, stage: Stage, cast: Cast) -> None:
    """Serves on, with the clock going, until Ctrl-C."""
    stage.clock.run_on()
    console.print("\n[bold]Open[/]")
    for place in places(stage, cast):
        console.print(f"  {place.what}\n    {place.url}", soft_wrap=True)
    console.print("\n[bold]Sign in[/] at " + f"{stage.settings.base_url}/staff/sign-in")
    for what, email in who_signs_in():
        console.print(f"  {email}  ({what})")
    console.print(f"  with the password: [bold]{PASSWORD}[/]")
    console.print(f"\nThe archive of policies: {stage.settings.archive}", soft_wrap=True)
    console.print("The story’s clock runs on from here. Ctrl-C ends the demo.")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        console.print("\nThe demo has ended. Its folder stays until the next one.")
        current = asyncio.current_task()
        if current is not None:
            current.uncancel()
