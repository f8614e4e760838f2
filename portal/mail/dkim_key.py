"""The key that signs mail: a PEM file of an RSA key, and the DNS record by which receivers find its public half."""

import os
from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

FEWEST_BITS, MOST_BITS = 2048, 4096
"""RFC 8301, 3.2: signers should use 2048 bits at least, and receivers have to know up to 4096."""
_PIECE = 250
"""A string of a TXT record has 255 bytes at most (RFC 1035, 3.3)."""


class CannotSign(ValueError):
    """Mail cannot be signed as it is configured; the text says why, and what to do."""


def make_key(path: Path, bits: int = FEWEST_BITS) -> RSAPrivateKey:
    """Makes a key and writes it to a new file that only its owner can read. Raises FileExistsError, OSError."""
    key = generate_private_key(public_exponent=65537, key_size=bits)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def read_key(path: Path) -> RSAPrivateKey:
    """The key of a PEM file. Raises CannotSign where there is none, others can read it, or receivers refuse it."""
    try:
        with path.open("rb") as file:
            mode, pem = os.fstat(file.fileno()).st_mode, file.read(64 * 1024)
    except OSError as error:
        raise CannotSign(f"{path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise CannotSign(f"{path} can be read by others than its owner; run: chmod 600 {path}")
    try:
        key = load_pem_private_key(pem, None)
    except TypeError as error:
        raise CannotSign(f"{path} is locked with a password; take a key without one") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CannotSign(f"{path} holds no private key in PEM form") from error
    if isinstance(key, Ed25519PrivateKey):
        raise CannotSign(f"{path} is an Ed25519 key, whose signatures large receivers fail; take RSA with 2048 bits")
    if not isinstance(key, RSAPrivateKey):
        raise CannotSign(f"{path} is no RSA key; DKIM knows no other that receivers take")
    if not FEWEST_BITS <= key.key_size <= MOST_BITS:
        raise CannotSign(f"{path} has {key.key_size} bits; take {FEWEST_BITS} to {MOST_BITS} (RFC 8301)")
    return key


def der_of(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def dns_value(key: RSAPrivateKey) -> str:
    """What the TXT record says (RFC 6376, 3.6.1)."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"


def dns_record(domain: str, selector: str, key: RSAPrivateKey) -> str:
    """The record as a zone file takes it, its value in strings that are short enough."""
    value = dns_value(key)
    strings = " ".join(f'"{value[at : at + _PIECE]}"' for at in range(0, len(value), _PIECE))
    return f"{selector}._domainkey.{domain}. IN TXT ( {strings} )"
