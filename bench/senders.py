"""The senders that are measured: each sends as many messages as it is told, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

from bench import send_smtp_source
from bench.absent import HERE, need_npm_package
from bench.order import Order
from bench.portals import Portals
from bench.send_ours import OursOrder, prepare
from bench.spent import Spent
from portal import __version__

OURS, SMTP_SOURCE, NODEMAILER = "ours", "smtp-source", "nodemailer"
POST_OFFICE, AIOSMTPLIB, BARE = "django-post-office", "aiosmtplib", "bare-python"
ROOT = HERE.parent


class SenderFailed(Exception):
    """A sender ended with an error; the message is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Sender:
    """`send` raises NotRun where the sender is not on this machine. `version` is asked afterwards."""

    send: Callable[[Order], Spent]
    version: Callable[[], str]


def senders(portals: Portals) -> dict[str, Sender]:
    """All of them, ours first; it sends from the databases that `portals` makes."""
    return {
        OURS: Sender(lambda order: _ours(order, portals), lambda: __version__),
        SMTP_SOURCE: Sender(send_smtp_source.send, send_smtp_source.version),
        NODEMAILER: Sender(_nodemailer, _nodemailer_version),
        POST_OFFICE: Sender(lambda order: _python("send_post_office", order), lambda: version("django-post-office")),
        AIOSMTPLIB: Sender(lambda order: _python("send_aiosmtplib", order), lambda: version("aiosmtplib")),
        BARE: Sender(lambda order: _python("send_bare", order), python_version),
    }


def _ours(order: Order, portals: Portals) -> Spent:
    name = f"{order.messages} and {order.warm_up}"
    with portals.copy(name, lambda url: prepare(url, order.messages, order.warm_up)) as url:
        return ours(OursOrder(url, order.folder, order.port, order.connections))


def ours(order: OursOrder) -> Spent:
    """Our sender, on a database that is there.

    Not by `-m`: the processes that sign would each begin by importing all that the sender does.
    """
    return _spent([sys.executable, "-c", "from bench.send_ours import main; main()"], asdict(order))


def _python(module: str, order: Order) -> Spent:
    return _spent([sys.executable, "-m", f"bench.{module}"], order.to_json())


def _nodemailer(order: Order) -> Spent:
    need_npm_package("nodemailer")
    return _spent(["node", "bench/send_nodemailer.mjs"], order.to_json())


def _nodemailer_version() -> str:
    package: dict[str, Any] = json.loads((HERE / "node_modules" / "nodemailer" / "package.json").read_text())
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{package['version']}, Node.js {node.removeprefix('v')}"


def _spent(command: Sequence[str | Path], order: dict[str, Any]) -> Spent:
    ran = subprocess.run(command, cwd=ROOT, input=json.dumps(order), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SenderFailed("\n".join(ran.stderr.strip().splitlines()[-5:]) or f"status {ran.returncode}")
    return Spent(**json.loads(ran.stdout.splitlines()[-1]))
