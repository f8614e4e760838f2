"""What a hand-over token has to be, and what is wrong with one that is not taken."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from portal.hand_over import CompanyKeys, NotTaken
from tests.support.company_keys import SECRET, ed25519, hand_over, p256, public, rsa

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
PORTAL = "https://privacy.example.com"
SHARED = CompanyKeys.of(SECRET, "")


def refused(token: str, keys: CompanyKeys = SHARED, now: datetime = NOW) -> str:
    """The reason why the token is not taken."""
    with pytest.raises(NotTaken) as caught:
        keys.read(token, PORTAL, now)
    return caught.value.reason


def bare(header: dict[str, object], claims: dict[str, object]) -> str:
    """A token without a signature."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return f"{parts[0]}.{parts[1]}."


def short_rsa() -> str:
    made = generate_private_key(public_exponent=65537, key_size=1024)
    return made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_token_says_whose_it_is_and_until_when() -> None:
    said = SHARED.read(hand_over(NOW, PORTAL, jti="7"), PORTAL, NOW)
    assert (said.external_id, said.token_id, said.expires_at) == ("m1", "7", NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(ed25519, "EdDSA"), (ed25519, "Ed25519"), (rsa, "RS256"), (rsa, "PS256"), (p256, "ES256")],
)
def test_the_company_may_keep_the_key_that_signs_to_itself(key: Any, algorithm: str) -> None:
    keys = CompanyKeys.of("", public(key()))
    assert keys.read(hand_over(NOW, PORTAL, key(), algorithm), PORTAL, NOW).external_id == "m1"


def test_while_keys_change_several_are_taken() -> None:
    keys = CompanyKeys.of(f"another-secret-of-the-same-length {SECRET}", public(rsa(), ed25519()))
    for token in (
        hand_over(NOW, PORTAL),
        hand_over(NOW, PORTAL, rsa(), "RS256"),
        hand_over(NOW, PORTAL, ed25519(), "EdDSA"),
    ):
        assert keys.read(token, PORTAL, NOW).external_id == "m1"


def test_one_of_several_audiences_will_do() -> None:
    token = hand_over(NOW, PORTAL, aud=["https://shop.example.com", PORTAL])
    assert SHARED.read(token, PORTAL, NOW).external_id == "m1"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "https://shop.example.com"}, "aud"),
        ({"aud": PORTAL + "/"}, "aud"),
        ({"aud": [PORTAL, 7]}, "aud"),
        ({"aud": None}, "aud"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 201}, "sub"),
        ({"sub": "a\0b"}, "sub"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": ISSUED - 60, "iat": ISSUED - 120}, "expired"),
        ({"iat": None}, "iat"),
        ({"iat": ISSUED + 61, "exp": ISSUED + 70}, "iat"),
        ({"nbf": ISSUED + 61}, "nbf"),
        ({"exp": ISSUED + 301}, "too_long"),
        ({"iat": ISSUED - 3000}, "too_long"),
    ],
)
def test_a_claim_that_is_wrong_is_named(changed: dict[str, Any], reason: str) -> None:
    assert refused(hand_over(NOW, PORTAL, **changed)) == reason


def test_the_companys_clock_may_be_wrong_by_a_minute() -> None:
    for skew in (-59, 59):
        token = hand_over(NOW + timedelta(seconds=skew), PORTAL, exp=ISSUED + skew + 300)
        assert SHARED.read(token, PORTAL, NOW).external_id == "m1"
    token = hand_over(NOW, PORTAL, exp=ISSUED + 300)
    assert SHARED.read(token, PORTAL, NOW + timedelta(seconds=359)).external_id == "m1"
    assert refused(token, now=NOW + timedelta(seconds=360)) == "expired"


@pytest.mark.parametrize(
    ("key", "algorithm", "reason"),
    [
        (OctKey.import_key("x" * 32), "HS256", "signature"),
        (OctKey.import_key(SECRET), "HS512", "algorithm"),
        (OKPKey.generate_key("Ed25519"), "EdDSA", "algorithm"),
        (RSAKey.generate_key(2048), "RS256", "algorithm"),
        (ECKey.generate_key("P-256"), "ES256", "algorithm"),
    ],
)
def test_a_signature_by_another_key_is_forged(key: Key, algorithm: str, reason: str) -> None:
    assert refused(hand_over(NOW, PORTAL, key, algorithm)) == reason


def test_a_public_key_is_no_shared_secret() -> None:
    """The usual confusion: what everybody may know, used as the secret of an HMAC."""
    keys = CompanyKeys.of("", public(rsa()))
    forged = OctKey(public(rsa()).encode(), public(rsa()).encode())
    assert refused(hand_over(NOW, PORTAL, forged), keys) == "algorithm"


def test_another_key_of_the_right_kind_signs_nothing() -> None:
    keys = CompanyKeys.of("", public(ed25519()))
    assert refused(hand_over(NOW, PORTAL, OKPKey.generate_key("Ed25519"), "EdDSA"), keys) == "signature"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "", 7])
def test_a_token_without_a_signature_is_forged(algorithm: object) -> None:
    claims: dict[str, object] = {"aud": PORTAL, "sub": "m1", "iat": ISSUED, "exp": ISSUED + 60, "jti": "1"}
    assert refused(bare({"alg": algorithm}, claims)) in {"algorithm", "signature", "malformed"}


def test_a_changed_or_cut_token_is_forged() -> None:
    header, claims, signature = hand_over(NOW, PORTAL).split(".")
    _, other, _ = hand_over(NOW, PORTAL, sub="m2").split(".")
    assert refused(f"{header}.{other}.{signature}") == "signature"
    for broken in ("", ".", "..", "ü.ü.ü", header, f"{header}.{claims}", f"{header}.{claims}.{signature[:-2]}"):
        assert refused(broken) in {"malformed", "signature"}, broken
    assert refused("x" * 4_001) == "malformed"


def test_what_is_critical_and_not_known_is_refused() -> None:
    """RFC 7515, section 4.1.11."""
    claims: dict[str, object] = {"aud": PORTAL, "sub": "m1", "iat": ISSUED, "exp": ISSUED + 60, "jti": "1"}
    assert refused(bare({"alg": "HS256", "crit": ["exp"], "exp": 1}, claims)) == "malformed"


def test_without_a_key_nothing_is_taken() -> None:
    assert refused(hand_over(NOW, PORTAL), CompanyKeys.of("", "")) == "algorithm"


def test_the_worked_example_of_the_documentation_is_taken() -> None:
    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    [token] = re.findall(r"^(eyJ[\w-]+\.[\w-]+\.[\w-]+)$", page, re.MULTILINE)
    [secret] = re.findall(r"with the secret `([\w-]+)`", page)
    said = CompanyKeys.of(secret, "").read(token, "https://policies.example.com", NOW)
    assert (said.external_id, said.token_id, said.expires_at) == ("cf-0001", "4f1c", NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("secrets", "pem", "why"),
    [
        ("short", "", "at least 32 characters"),
        (f"{SECRET} short", "", "at least 32 characters"),
        ("", "no key at all", "no PEM block"),
        ("", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be read"),
        ("", lambda: ed25519().as_pem(private=True).decode(), "private key"),
        ("", lambda: public(OKPKey.generate_key("X25519")), "none of Ed25519"),
        ("", lambda: public(ECKey.generate_key("P-384")), "none of Ed25519"),
        ("", short_rsa, "none of Ed25519"),
    ],
)
def test_a_key_that_will_not_do_is_named(secrets: str, pem: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        CompanyKeys.of(secrets, pem() if callable(pem) else pem)
