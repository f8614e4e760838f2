"""Free text about a member, kept where it can be erased."""

from datetime import datetime

from portal.store.members import Remark


async def remark(member_id: int, text: str, at: datetime) -> int | None:
    """Writes the text and gives the row's id; None where there is none. Call it inside of `transaction()`."""
    if not text.strip():
        return None
    written = await Remark.create(member_id=member_id, text=text.strip(), recorded_at=at)
    return int(written.id)
