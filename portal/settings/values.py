"""The forms that values of settings have."""

import re
import ssl

MOST_FOR_A_DOMAIN = 1_000_000
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
LABELS = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
"""A domain in ASCII, or a part of one (RFC 1123, section 2.1)."""


def for_domains(given: str) -> dict[str, int]:
    """`example.com=600, *=0` as domain -> number; `*`: every other domain. Raises ValueError, which names the item."""
    found: dict[str, int] = {}
    for item in filter(None, map(str.strip, given.split(","))):
        domain, _, number = (part.strip() for part in item.partition("="))
        if domain != "*" and not LABELS.fullmatch(domain):
            raise ValueError(f"{item!r}: write DOMAIN=NUMBER or *=NUMBER, other letters of a domain as xn--…")
        if not (number.isascii() and number.isdecimal() and int(number) <= MOST_FOR_A_DOMAIN):
            raise ValueError(f"{item!r}: write a number from 0, no limit, to {MOST_FOR_A_DOMAIN} behind the =")
        if domain.lower() in found:
            raise ValueError(f"{item!r}: {domain} has a number already")
        found[domain.lower()] = int(number)
    return found


def host_and_port(given: str) -> tuple[str, str]:
    """The parts of `HOST`, `HOST:PORT`, `[IPV6]:PORT` or a bare IPv6 address."""
    given = given.strip()
    if given.startswith("["):
        host, _, port = given[1:].partition("]")
        return host, port.removeprefix(":")
    if given.count(":") == 1:
        host, _, port = given.partition(":")
        return host, port
    return given, ""


def certificates(given: str) -> str:
    """The name of a PEM file, or nothing. Raises ValueError where it holds no certificates."""
    try:
        if given:
            ssl.create_default_context(cafile=given)
    except OSError as error:
        raise ValueError(f"{given} is no PEM file with certificates: {error.strerror or error}") from error
    return given
