"""`manage.py keys rotate` and `keys dkim`."""

from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cyclopts import Parameter
from pydantic import ValidationError

from portal.cli import Stop
from portal.cli.surroundings import read_settings, reason, wrong_settings
from portal.mail.dkim_key import CannotSign, dns_record, make_key, read_key
from portal.settings import Settings


def rotate() -> None:
    """Sign with a new key from the next start on. Links and codes that older keys signed go on working."""
    settings = read_settings()
    try:
        settings.rotate()
    except OSError as error:
        raise Stop(f"{settings.keys_file} cannot be written: {reason(error)}") from None
    number = len(settings.secrets())
    print(f"{settings.keys_file} has {number} key{'s' * (number > 1)}; restart the portal to sign with the newest")


def dkim(
    file: Annotated[Path, Parameter(help="Where the private key goes; there must be no such file yet.")],
    *,
    selector: Annotated[str, Parameter(help="The name under which the public key is published: portal2026, say.")] = "",
    domain: Annotated[str, Parameter(help="The domain that signs; by default that of the sender's address.")] = "",
    record: Annotated[bool, Parameter(help="Make no key: tell the record of the one there.", negative="")] = False,
) -> None:
    """Make a key that signs mail (DKIM), and tell the DNS record to publish before it is used."""
    settings = read_settings()
    selector = selector or settings.dkim_selector
    domain = domain or settings.dkim_domain or settings.mail_from.rpartition("@")[2]
    if not selector:
        raise Stop("--selector: name the key, by the year for instance, so that the next one can have another name", 2)
    try:
        chosen = Settings(dkim_domain=domain, dkim_selector=selector, dkim_key_file=str(file))
    except ValidationError as wrong:
        raise Stop("; ".join(wrong_settings(wrong)), 2) from None
    key = _read(file) if record else _made(file)
    print(dns_record(chosen.dkim_domain, chosen.dkim_selector, key))
    if not record:
        print("\nPublish this record, and when the DNS gives it, start the portal with:")
        print(f"PORTAL_DKIM_DOMAIN={chosen.dkim_domain}")
        print(f"PORTAL_DKIM_SELECTOR={chosen.dkim_selector}")
        print(f"PORTAL_DKIM_KEY_FILE={file.resolve()}")


def _made(file: Path) -> RSAPrivateKey:
    try:
        return make_key(file)
    except FileExistsError:
        raise Stop(f"{file} is there already and stays as it is; its record is told with --record") from None
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror}") from None


def _read(file: Path) -> RSAPrivateKey:
    try:
        return read_key(file)
    except CannotSign as unfit:
        raise Stop(str(unfit)) from None
