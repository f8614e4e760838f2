"""The command line, above everything else: it reads the clock, makes the settings, and calls the actions.

A command is a plain function, `def` or `async def`, in a module of this package. Its parameters are typed, and
`Annotated[int, Parameter(help="…")]` describes each on the help page; options stand behind a `*`. It prints its results
to stdout, says in one line what is wrong with `raise Stop("…")`, and returns None, or an int as the exit status. It is
registered below by its address, so that only the module of the command that is called is imported: `--help` answers
at once, and none of the modules named here may be imported at the top of this one.
"""

import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cyclopts import App

from portal import __version__

NAME = "manage.py" if Path(sys.argv[0]).name == "manage.py" else "portal"


class Stop(Exception):
    """Ends a command with one line on stderr and an exit status, without a traceback."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


app = App(
    name=NAME,
    help="Tells members what changes in a policy, takes their objections, and knows which version governs whom.",
    help_format="plaintext",
    version=__version__,
)
bench_room = App(name="bench", help="Measurements against named peers, each in one run.")
mail_room = App(name="mail", help="Mail that goes out, and what comes back.")
members_room = App(name="members", help="The people a policy binds.")
history_room = App(name="history", help="The archive of published versions.")
keys_room = App(name="keys", help="The keys that sign the links in mails, and mails themselves.")
staff_room = App(name="staff", help="The people who sign in: legal, approvers, ops, admins.")

app.command("portal.cli.demo:demo", name="demo", help="Play the life of a change in a fresh folder, then serve it.")
app.command("portal.cli.checks:test", name="test", help="Run every check: lint, types, contracts, tests.")
app.command("portal.cli.serve:serve", name="serve", help="Serve the portal and do its jobs.")
app.command("portal.cli.worker:worker", name="worker", help="Send mail and do the other jobs; on several hosts.")
app.command("portal.cli.check:check", name="check", help="Name what is wrong with settings, database and mail server.")
app.command("portal.cli.migrate:migrate", name="migrate", help="Bring the database to this version's tables.")
app.command("portal.cli.simulate:simulate", name="simulate", help="Play scenario files by the rules.")
app.command("portal.cli.changes:changes", name="changes", help="Compare two texts and list the changes.")
app.command("portal.cli.terms:terms", name="terms", help="Tell which version governs a member, and why.")
app.command("portal.cli.words:words", name="words", help="Keep the catalogues in step with the words of the source.")
app.command("portal.cli.pictures:pictures", name="pictures", help="Take the README's screenshots anew.")
# Named apart from the modules: importing `portal.cli.history` sets that name in this package.
for room in (bench_room, mail_room, members_room, history_room, keys_room, staff_room):
    app.command(room)

bench_room.command("portal.cli.bench:changes", name="changes", help="Comparing texts: speed and quality.")
bench_room.command("portal.cli.bench:mail", name="mail", help="Sending mail: CPU a message, messages a second.")
mail_room.command("portal.cli.mail_campaign:status", name="status", help="Tell how far campaigns are.")
mail_room.command("portal.cli.mail_campaign:pause", name="pause", help="Begin no further message of a version.")
mail_room.command("portal.cli.mail_campaign:resume", name="resume", help="Let a paused version go on.")
mail_room.command("portal.cli.mail_campaign:retry", name="retry", help="Send again what failed.")
mail_room.command("portal.cli.mail_roll:roll", name="roll", help="Tell who was owed a notice, and count them again.")
mail_room.command(
    "portal.cli.mail_receive:receive", name="receive", help="Take in a message that came back, from stdin."
)
mail_room.command("portal.cli.mail_listen:listen", name="listen", help="Take in what comes back, over LMTP.")
members_room.command("portal.cli.members:import_members", name="import", help="Import members from a CSV file.")
history_room.command("portal.cli.history:import_history", name="import", help="Load an archive into the database.")
history_room.command("portal.cli.history:export_history", name="export", help="Write the archive from the database.")
history_room.command("portal.cli.history:verify_history", name="verify", help="Name every difference between the two.")
keys_room.command("portal.cli.keys:rotate", name="rotate", help="Sign with a new key; older links go on.")
keys_room.command("portal.cli.keys:dkim", name="dkim", help="Make a key that signs mails (DKIM).")
staff_room.command("portal.cli.staff:add", name="add", help="Add a person, with roles and a password.")
staff_room.command("portal.cli.staff:reset", name="reset", help="Give a person a new password and end their sessions.")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, by default the one in `sys.argv`; always ends in SystemExit."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        refuse_unknown_command(arguments)
        sys.exit(app(arguments, result_action="print_non_int_return_int_as_exit_code"))
    except Stop as stop:
        print(f"{NAME}: {stop}", file=sys.stderr)
        sys.exit(stop.status)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader, `head` say, has seen enough; the interpreter shall not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def refuse_unknown_command(arguments: Sequence[str]) -> None:
    """Cyclopts would import the modules of all commands to word its own refusal."""
    names = [name for name in app if not name.startswith("-")]
    if not arguments or arguments[0].startswith("-") or arguments[0] in names:
        return
    near = difflib.get_close_matches(arguments[0], names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(names))}"
    raise Stop(f"there is no command {arguments[0]!r}; {hint}", status=2)
