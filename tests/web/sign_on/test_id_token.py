"""The ID token: a claim or a signature that is not in order signs nobody in."""

import base64
import json
from typing import Any

import pytest
from httpx2 import AsyncClient
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.clock import Clock
from tests.support.oidc_provider import CLIENT, Provider
from tests.web.conftest import Open
from tests.web.sign_on.conftest import refused, through

pytestmark = pytest.mark.usefixtures("member")


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://other.example"},
    {"iss": None},
    {"aud": "another client"},
    {"aud": ["another client"]},
    {"aud": None},
    {"aud": [CLIENT, "another client"]},  # and no azp that says it is ours
    {"aud": "another client", "azp": CLIENT},
    {"azp": "another client"},
    {"nonce": "another"},
    {"nonce": None},
    {"exp": None},
    {"exp": "never"},
    {"iat": None},
    {"sub": None},
    {"sub": 7},
    {"at_hash": "another"},
    {"nbf": 9_999_999_999},
]


async def test_a_claim_that_is_wrong_signs_nobody_in(client: AsyncClient, provider: Provider) -> None:
    for provider.claims in WRONG_CLAIMS:
        await refused(client, await through(client, provider), 403, "We could not sign you in", "id_token")


async def test_the_clocks_may_differ_by_a_minute(client: AsyncClient, provider: Provider, clock: Clock) -> None:
    now = int(clock().timestamp())
    provider.claims = {"iat": now + 59, "exp": now - 59}
    assert (await through(client, provider)).status_code == 303


@pytest.mark.parametrize("claims", [{"exp": -60}, {"iat": 61}])
async def test_a_token_that_has_expired_or_is_yet_to_come_signs_nobody_in(
    client: AsyncClient, provider: Provider, clock: Clock, claims: dict[str, int]
) -> None:
    provider.claims = {name: int(clock().timestamp()) + seconds for name, seconds in claims.items()}
    await refused(client, await through(client, provider), 403, "id_token")


def part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def without_signature(algorithm: object) -> Any:
    """The same claims under another header, with nothing behind the last dot."""
    return lambda token: f"{part({'alg': algorithm})}.{token.split('.')[1]}."


TAMPERED = {
    "none": without_signature("none"),
    "None": without_signature("None"),
    "no algorithm": without_signature(None),
    "a list": without_signature(["ES256"]),
    "a changed member": lambda token: ".".join(
        (token.split(".")[0], part({"sub": "m2"}), token.split(".")[2]),
    ),
    "a changed signature": lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
    "cut off": lambda token: token[:-10],
    "no token": lambda token: "no token",
    "empty": lambda token: "",
    "too deep": lambda token: f"{base64.urlsafe_b64encode(b'[' * 300).decode()}.{token.split('.')[1]}.AAAA",
}


async def test_a_signature_that_is_wrong_signs_nobody_in(client: AsyncClient, provider: Provider) -> None:
    for provider.tamper in TAMPERED.values():
        await refused(client, await through(client, provider), 403, "We could not sign you in", "id_token")


async def test_a_key_that_is_not_published_signs_nobody_in(client: AsyncClient, provider: Provider) -> None:
    provider.published = [provider.key]
    provider.key = ECKey.generate_key("P-256", {"kid": str(provider.key.kid)})
    await refused(client, await through(client, provider), 403, "id_token")


async def test_an_algorithm_that_the_provider_does_not_name_is_refused(client: AsyncClient, provider: Provider) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["RS256", "none", "HS256"]}
    await refused(client, await through(client, provider), 403, "id_token")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", lambda: RSAKey.generate_key(2048, auto_kid=True)),
        ("EdDSA", lambda: OKPKey.generate_key("Ed25519", auto_kid=True)),
    ],
)
async def test_the_usual_signatures_are_taken(
    client: AsyncClient, provider: Provider, algorithm: str, key: Any
) -> None:
    provider.key, provider.algorithm = key(), algorithm
    assert (await through(client, provider)).status_code == 303


@pytest.mark.parametrize("same_name", [False, True])
async def test_a_new_key_is_asked_for_when_it_is_needed(
    client: AsyncClient, provider: Provider, open_client: Open, *, same_name: bool
) -> None:
    assert (await through(client, provider)).status_code == 303
    assert (await through(await open_client(), provider)).status_code == 303
    assert provider.asked.count("keys") == 1
    kid = str(provider.key.kid)
    provider.rotate()
    if same_name:
        provider.key = ECKey.generate_key("P-256", {"kid": kid})
    assert (await through(await open_client(), provider)).status_code == 303
    assert provider.asked.count("keys") == 2
