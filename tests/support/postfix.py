"""Debian's Postfix with a configuration and a queue of its own: nothing of the machine's is touched."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.postgresql import free_port
from portal.cli.servers import POSTFIX, environment
from tests.support.mailserver import GONE, PORTAL, SMALL, UNKNOWN, MailServer, Taken, receiving

# Users that every Debian has, and that nothing runs as: Postfix wants three that differ.
OWNER, POSTDROP, RECEIVER = "mail", "news", "uucp"
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
WAITING = ("active", "deferred", "hold", "incoming", "maildrop")

MAIN = """compatibility_level = 3.6
queue_directory = {queue}/queue
data_directory = {queue}/data
daemon_directory = {postfix}/usr/lib/postfix/sbin
command_directory = {postfix}/usr/sbin
shlib_directory = {postfix}/usr/lib/postfix
meta_directory = {here}
import_environment = MAIL_CONFIG LD_LIBRARY_PATH TZ=UTC LANG=C
mail_owner = {owner}
setgid_group = {postdrop}
maillog_file = {here}/log
maillog_file_prefixes = {here}
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
enable_long_queue_ids = yes
message_size_limit = 1000000
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {here}/localhost.pem
smtpd_tls_loglevel = 1
smtpd_recipient_restrictions = check_recipient_access texthash:{here}/access, permit_mynetworks, reject
default_transport = discard:
receive_destination_recipient_limit = 1
queue_run_delay = 5s
minimal_backoff_time = 5s
maximal_backoff_time = 10s
transport_maps = inline:{{
    {{ {gone} = smtp:[127.0.0.1]:{next} }}
    {{ {unknown} = error:5.1.1 There is nobody of that name }}
    {{ {portal} = receive: }} }}
"""

# The fourth smtpd plays the server at the next hop, which knows nobody: so what was accepted comes back.
# `max_use`: a new process for each connection, since a running one does not look again into the file of full mailboxes.
MASTER = """127.0.0.1:{ports.usual} inet n - n - 100 smtpd -o max_use=1
127.0.0.1:{ports.plain} inet n - n - 100 smtpd -o smtpd_tls_security_level=none
127.0.0.1:{ports.small} inet n - n - 100 smtpd -o message_size_limit={small}
127.0.0.1:{next} inet n - n - 100 smtpd -o myhostname=next.example.org -o smtpd_tls_security_level=none
  -o {{ smtpd_recipient_restrictions = check_recipient_access static:{{550 5.1.1 There is nobody of that name}} }}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
smtp unix - - n - - smtp
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
receive unix - n n - 2 pipe
  user={receiver} null_sender= argv={command} --sender=${{sender}} --recipient=${{recipient}}
"""

MESSAGE_ID = re.compile(r"postfix/cleanup\[\d+\]: (\w+): message-id=(<[^>]+>)")
SENDER = re.compile(r"postfix/qmgr\[\d+\]: (\w+): from=<([^>]+)>,")
RECIPIENT = re.compile(r"postfix/\w+\[\d+\]: (\w+): to=<([^>]+)>,")


class Postfix(MailServer):
    def configure(self, variables: Mapping[str, str]) -> None:
        make_folders(self.queue)
        program, *arguments = receiving(self.here, RECEIVER, variables)
        command = " ".join([program, *(f"{{ {word} }}" for word in arguments)])
        names = {"owner": OWNER, "postdrop": POSTDROP, "receiver": RECEIVER, "postfix": POSTFIX, "small": SMALL}
        domains = {"gone": GONE, "unknown": UNKNOWN, "portal": PORTAL}
        known = {"here": self.here, "queue": self.queue, "ports": self.ports, "next": free_port(), "command": command}
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            (self.here / name).write_text(text.format(**known, **names, **domains))

    @property
    def command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        return [POSTFIX / "usr/lib/postfix/sbin/master", "-c", self.here, "-d"], environment()

    @property
    def log_file(self) -> Path:
        return self.here / "log"

    def fill(self, *addresses: str) -> None:
        (self.here / "access").write_text("".join(f"{address} 450 4.2.2 Mailbox full\n" for address in addresses))

    def taken(self) -> list[Taken]:
        log = self.log()
        senders, recipients = dict(SENDER.findall(log)), dict(RECIPIENT.findall(log))
        return [
            Taken(message_id, senders[queue_id], recipients.get(queue_id, ""))
            for queue_id, message_id in MESSAGE_ID.findall(log)
            if queue_id in senders
        ]

    def encrypted(self) -> int:
        return self.log().count("TLS connection established from")

    def queued(self) -> int:
        return sum(path.is_file() for name in WAITING for path in (self.queue / "queue" / name).rglob("*"))


def make_folders(queue: Path) -> None:
    """As Postfix's installation makes them."""
    (queue / "queue" / "pid").mkdir(parents=True)
    for path in [queue / "data", *(queue / "queue" / name for name in QUEUES)]:
        path.mkdir(mode=0o700)
        shutil.chown(path, OWNER)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        path = queue / "queue" / name
        path.mkdir()
        shutil.chown(path, OWNER, POSTDROP)
        path.chmod(mode)
