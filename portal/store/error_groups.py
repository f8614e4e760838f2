"""What servers answered to notices that were not accepted, the same answers counted together."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from tortoise import connections

from portal.store.connections import READER
from portal.store.notices import Notice
from portal.store.statement import for_dialect

# Of answers that are all different (each names its message) that many are looked at, the most frequent first.
MOST_REPLIES = 5_000
KEY = 12

# The last sending of each notice; written so that SQLite begins with the notices that have an error.
LAST = """
FROM notice n CROSS JOIN sending s
WHERE n.version_id = $1::bigint AND n.state IN ('deferred', 'failed', 'unknown', 'refused')
    AND s.member_id = n.member_id AND s.notice_id = n.id
    AND NOT EXISTS (
        SELECT 1 FROM sending l WHERE l.member_id = s.member_id AND l.notice_id = s.notice_id AND l.number > s.number)
"""
REPLIES = f"""
SELECT s.reply AS reply, count(*) AS number {LAST}
GROUP BY s.reply ORDER BY count(*) DESC, s.reply LIMIT $2::bigint
"""
# Refused before anything was sent: there was no address, or none that a mail can go to.
UNSENT = """
FROM notice n JOIN refusal r ON r.member_id = n.member_id AND r.notice_id = n.id
WHERE n.version_id = $1::bigint AND n.state = 'refused' AND r.sending_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM sending s WHERE s.member_id = n.member_id AND s.notice_id = n.id)
"""
CODES = f"SELECT r.code AS code, count(DISTINCT n.id) AS number {UNSENT} GROUP BY r.code"

CODE = re.compile(r"^(\d{3})(?:[ -]+(\d\.\d{1,3}\.\d{1,3}))?\s*")
VARIES = re.compile(r"<[^>]*>|\S+@\S+|\S*\d\S*")


@dataclass(slots=True)
class ErrorGroup:
    """Answers that say the same. `code`: the enhanced status code (RFC 3463), or the reply code, or that of a refusal.

    `text`: the words, with `…` for what differs from message to message. `replies`: the answers themselves, none where
    nothing was sent.
    """

    code: str
    text: str
    number: int = 0
    replies: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names the group in an address."""
        return sha256(f"{self.code} {self.text}".casefold().encode()).hexdigest()[:KEY]


def alike(reply: str) -> tuple[str, str]:
    """(code, words) of a server's answer, without digits and ids: equal for answers that say the same."""
    found = CODE.match(reply)
    code = (found.group(2) or found.group(1)) if found else ""
    words = VARIES.sub("…", reply[found.end() :] if found else reply)
    return code, re.sub(r"…(?:[\s,;:()\[\]]*…)+", "…", " ".join(words.split()))


async def error_groups(version_id: int) -> list[ErrorGroup]:
    """The groups of one version, the largest first."""
    connection = connections.get(READER)
    rows = await connection.execute_query_dict(for_dialect(connection, REPLIES), [version_id, MOST_REPLIES])
    groups: dict[str, ErrorGroup] = {}
    for row in rows:
        new = ErrorGroup(*alike(row["reply"]))
        group = groups.setdefault(new.key, new)
        group.number += row["number"]
        group.replies.append(row["reply"])
    for row in await connection.execute_query_dict(for_dialect(connection, CODES), [version_id]):
        group = ErrorGroup(row["code"], "", row["number"])
        groups[group.key] = group
    return sorted(groups.values(), key=lambda one: (-one.number, one.code, one.text))


async def notices_of_error(version_id: int, group: ErrorGroup, first: int, size: int) -> list[Notice]:
    """Some of the notices that the group counts, in the order of their members."""
    values: list[object] = [version_id, size, first, *(group.replies or [group.code])]
    given = ", ".join(f"${number}" for number in range(4, len(values) + 1))
    among = f"{LAST} AND s.reply IN ({given})" if group.replies else f"{UNSENT} AND r.code IN ({given})"
    statement = f"SELECT DISTINCT n.id AS id, n.member_id AS member_id {among} ORDER BY n.member_id"
    connection = connections.get(READER)
    rows = await connection.execute_query_dict(
        for_dialect(connection, f"{statement} LIMIT $2::bigint OFFSET $3::bigint"), values
    )
    return await Notice.filter(id__in=[row["id"] for row in rows]).order_by("member_id")
