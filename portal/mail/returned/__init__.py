"""What comes back by mail: from the bytes of a message and its envelope to what it is. No database; it never raises."""

from portal.mail.returned.envelope import Envelope
from portal.mail.returned.kinds import AutoReply, Bounce, Came, Complaint, Delayed, Delivered, Letter, What
from portal.mail.returned.names import Names, Ours, Verp
from portal.mail.returned.objecting import Says
from portal.mail.returned.reading import own_message_id, read

__all__ = [
    "AutoReply",
    "Bounce",
    "Came",
    "Complaint",
    "Delayed",
    "Delivered",
    "Envelope",
    "Letter",
    "Names",
    "Ours",
    "Says",
    "Verp",
    "What",
    "own_message_id",
    "read",
]
