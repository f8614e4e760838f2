"""`bench.shares`: what perf says of libraries, as microseconds a message of whoever wrote them."""

from collections import Counter

from bench.shares import shared_out

SAID = """
# Samples: 24K of event 'cpu-clock'
# Event count (approx.): 6000000000
#
# Overhead  Shared Object
# ........  .........................................
#
    40.00%  libpython3.11.so.1.0
    25.00%  [kernel.kallsyms]
    20.00%  libsqlite3.so.0.8.6
    10.00%  libc.so.6
     2.00%  loop.cpython-311-x86_64-linux-gnu.so
     2.00%  libcrypto.so.3
     1.00%  [vdso]
"""


def test_samples_become_microseconds_a_message_of_their_owners() -> None:
    assert shared_out(SAID, 30_000) == Counter(
        {"Python": 80, "the kernel": 50, "SQLite": 40, "the C library": 20, "other libraries": 6, "OpenSSL": 4}
    )
    assert shared_out(SAID.replace("libpython3.11.so.1.0", "python3.11"), 30_000)["Python"] == 80
