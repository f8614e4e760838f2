"""The address a mail goes to, in the form that SMTP and headers take."""

import re

from email_validator import EmailNotValidError, validate_email

MALFORMED = "5.1.3"  # RFC 3463: bad destination mailbox address syntax
NOT_ASCII = "5.6.7"  # RFC 6531: non-ASCII addresses not permitted


class NotSendable(ValueError):
    """No mail can ever go to this address. `code` is the status code (RFC 3463) that a server would answer with."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# The validator refuses names such as mail.corp.local or .test, which an own relay may well deliver to: it is shown a
# name below one that it accepts.
STAND_IN = ".example"


# An address like nearly all, of which the validator says yes and leaves it as it is: RFC 5321, 4.1.2 and 4.5.3.1.
_USUAL = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?=.{4,150}\Z)(?:[a-z0-9](?:[a-z0-9]{0,30}[a-z0-9])?\.)+[a-z]{2,20}"
)


def sendable(address: str) -> str:
    """The address in ASCII, its domain by IDNA 2008 (RFC 5891). Raises NotSendable.

    A local part that is not ASCII would need SMTPUTF8 (RFC 6531) on every server on the way, so it is refused here
    instead of being lost there.
    """
    if _USUAL.fullmatch(address):
        return address
    try:
        found = validate_email(
            address.strip() + STAND_IN,
            allow_smtputf8=True,
            allow_quoted_local=True,
            check_deliverability=False,
        )
    except EmailNotValidError as reason:
        raise NotSendable(MALFORMED) from reason
    if found.ascii_email is None:
        raise NotSendable(NOT_ASCII)
    return found.ascii_email.removesuffix(STAND_IN)


def domain_of(address: str) -> str:
    """The domain of an address in lower case and ASCII, by which limits are kept; empty where there is none."""
    if not address.isascii():
        try:
            address = sendable(address)
        except NotSendable:
            return ""
    return address.strip().rpartition("@")[2].lower().rstrip(".")
