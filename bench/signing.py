"""What signing mail takes: `python -m bench.signing [MESSAGES]`.

A signature in one process, groups handed over to a process that signs, and a whole campaign into the bench's own mail
server with and without signatures. CPU in microseconds a message.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from bench.letter import real_letter
from bench.machine import machine, python
from bench.portals import SQLITE, portals
from bench.rounds import NEAR_CONNECTIONS, WARM_UP
from bench.send_ours import OursOrder, prepare
from bench.senders import ours
from bench.sink import compiled, sink
from portal.mail.catcher import caught
from portal.mail.dkim import Signatory, relaxed_body, signature
from portal.mail.dkim_key import der_of, make_key
from portal.mail.signing import Signing, SigningKey

REPEATS = 2000
GROUPS = (1, 4, 16, 64)
BY = Signatory("example.com", "bench")


def main(messages: int = 5000) -> None:
    print(f"{machine()}, {python()}")
    with TemporaryDirectory(prefix="portal-bench-") as name, portals(SQLITE, Path(name)) as databases:
        folder = Path(name)
        key = make_key(folder / "dkim.pem")
        real_letter(databases, folder)
        [(_, path)] = caught(folder / "letter")
        mail = path.read_bytes().partition(b"\r\nDelivered-To:")[2].partition(b"\r\n")[2]
        body = mail.partition(b"\r\n\r\n")[2]

        def sign(data: bytes) -> bytes:
            return key.sign(data, PKCS1v15(), SHA256())

        print(f"a message of {len(mail):,} bytes, RSA with {key.key_size} bits")
        print(f"  RSA alone              {_cpu_us(lambda: sign(b'x' * 1000)):7.0f}")
        print(f"  the text, relaxed      {_cpu_us(lambda: relaxed_body(body)):7.0f}")
        print(f"  a signature            {_cpu_us(lambda: signature(mail, BY, sign)):7.0f}")
        for group in GROUPS:
            own, theirs = asyncio.run(_handed_over(SigningKey(BY, der_of(key)), mail, group))
            print(f"  in groups of {group:<9} {own:7.0f} of who hands them over, {theirs:.0f} of who signs")
        program = compiled(folder)
        for signed in (False, True, False, True):
            with (
                sink(program) as server,
                databases.copy("campaign", lambda url: prepare(url, messages, WARM_UP)) as url,
            ):
                order = OursOrder(url, name, server.port, NEAR_CONNECTIONS, str(folder / "dkim.pem") if signed else "")
                spent = ours(order)
            words = "signed" if signed else "not signed"
            print(f"  a campaign, {words:<10} {spent.cpu_us:7.0f}, {spent.rate:,.0f} messages a second")


def _cpu_us(work: Callable[[], object]) -> float:
    for _ in range(REPEATS // 10):
        work()
    before = time.process_time()
    for _ in range(REPEATS):
        work()
    return 1e6 * (time.process_time() - before) / REPEATS


async def _handed_over(key: SigningKey, mail: bytes, group: int) -> tuple[float, float]:
    """What a message takes of this process, and of the one that signs, its start left out."""
    spans: list[tuple[float, float]] = []
    for messages in (group, REPEATS + group):
        own, theirs = time.process_time(), _children_s()
        pool = Signing(key, 1)
        for _ in range(messages // group):
            await pool.signed([mail] * group)
        await pool.close()
        spans.append((time.process_time() - own, _children_s() - theirs))
    (start, start_of_theirs), (whole, whole_of_theirs) = spans
    return 1e6 * (whole - start) / REPEATS, 1e6 * (whole_of_theirs - start_of_theirs) / REPEATS


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
