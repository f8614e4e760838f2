"""Debian's Exim with a configuration, a spool and a log of its own."""

import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.cli.servers import EXIM, EXIM_USER
from tests.support.mailserver import (
    CERTIFICATE,
    GONE,
    PORTAL,
    SMALL,
    UNKNOWN,
    MailServer,
    ServerFailed,
    Taken,
    receiving,
)

PROGRAM = EXIM / "usr/sbin/exim4"

# Exim puts nothing into a command that came in by the mail: the envelope stands in headers.
# `smtp_accept_max_per_connection` is left at its thousand: after so many messages Exim says 421 and hangs up.
CONFIGURATION = """exim_path = {program}
spool_directory = {queue}/spool
log_file_path = {here}/log/%s
pid_file_path = {queue}/spool/exim.pid
primary_hostname = relay.example.org
local_interfaces = 127.0.0.1
disable_ipv6 = true
keep_environment =
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
pipelining_advertise_hosts = *
message_size_limit = ${{if eq{{$received_port}}{{{ports.small}}}{{{small}}}{{1000000}}}}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{ports.plain}}}{{}}{{*}}}}
tls_certificate = {here}/localhost.pem
tls_privatekey = {here}/localhost.pem
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
log_selector = +pid +received_recipients -skip_delivery -queue_run
check_spool_space = 0
check_spool_inodes = 0

begin acl
check_mail:
  deny !encrypted = *
       condition = ${{if eq{{$received_port}}{{{ports.usual}}}}}
       message = 530 5.7.0 Must issue a STARTTLS command first
  accept
check_rcpt:
  deny domains = {unknown}
       message = 550 5.1.1 There is nobody of that name
  defer condition = ${{lookup{{$local_part@$domain}}lsearch{{{here}/full}}{{yes}}{{no}}}}
       message = 450 4.2.2 Mailbox full
  accept

begin routers
returned:
  driver = accept
  domains = {portal}
  transport = receive
gone:
  driver = redirect
  domains = {gone}
  allow_fail
  data = :fail: 5.1.1 There is nobody of that name
discarded:
  driver = redirect
  data = :blackhole:

begin transports
receive:
  driver = pipe
  command = {command}
  envelope_to_add
  return_path_add
  user = {user}
  max_parallel = 3

begin retry
* * F,1h,5s
"""

MESSAGE = re.compile(r"^\S+ \S+ \[\d+\] (\S+) <= (\S+) .* id=(\S+)(?: .*)? for (\S+)$", re.MULTILINE)


class Exim(MailServer):
    def configure(self, variables: Mapping[str, str]) -> None:
        refuse_closed_folders()
        for path in (self.here / "log", self.queue / "spool"):
            path.mkdir()
            shutil.chown(path, EXIM_USER)
        shutil.chown(self.here / CERTIFICATE.name, EXIM_USER)
        command = " ".join(f"'{word}'" for word in receiving(self.here, EXIM_USER, variables))
        domains = {"gone": GONE, "unknown": UNKNOWN, "portal": PORTAL}
        known = {"here": self.here, "queue": self.queue, "ports": self.ports, "small": SMALL}
        text = CONFIGURATION.format(program=PROGRAM, user=EXIM_USER, command=command, **known, **domains)
        (self.here / "exim.conf").write_text(text)

    @property
    def command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        ports = ":".join(f"127.0.0.1.{port}" for port in (self.ports.usual, self.ports.plain, self.ports.small))
        command: list[str | Path] = [PROGRAM, "-C", self.here / "exim.conf", "-bdf", "-oX", ports, "-q5s"]
        return command, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    @property
    def log_file(self) -> Path:
        return self.here / "log" / "main"

    def fill(self, *addresses: str) -> None:
        (self.here / "full").write_text("".join(f"{address}:\n" for address in addresses))

    def taken(self) -> list[Taken]:
        found = [line for line in MESSAGE.findall(self.log()) if line[1] != "<>"]
        return [Taken(f"<{message_id}>", sender, recipient) for _, sender, message_id, recipient in found]

    def encrypted(self) -> int:
        return len(re.findall(r" <= .* P=esmtps ", self.log()))

    def queued(self) -> int:
        return len(list((self.queue / "spool" / "input").glob("*-H")))


def refuse_closed_folders() -> None:
    """To return a message Exim starts itself again as a user of its own: it would keep all of them, and say so nowhere
    that a test looks."""
    closed = [folder for folder in PROGRAM.parents if not folder.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise ServerFailed(f"the user {EXIM_USER} cannot enter {closed[0]}: chmod o+x it, or test in another folder")
