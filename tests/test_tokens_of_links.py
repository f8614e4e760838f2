"""A link's token is what the library's serializer makes of the same numbers, so that the library can read it."""

from datetime import date
from hashlib import blake2b, sha256

import pytest
from itsdangerous import URLSafeSerializer

from portal.keys import KeyedBlake2, Keys, KeysBefore, Link

SECRETS = ("an older key", "k" * 200)
NUMBERS = [1, 0, 2**31, 9_999_999_999]


def serialized(salt: str, said: list[int]) -> str:
    how = {"digest_method": sha256, "algorithm": KeyedBlake2()}
    return str(URLSafeSerializer(SECRETS[-1], salt=salt, signer_kwargs=how).dumps(said))


def serialized_before(salt: str, said: list[int], secret: str = SECRETS[-1]) -> str:
    """As earlier builds signed: HMAC-SHA-256."""
    return str(URLSafeSerializer(secret, salt=salt, signer_kwargs={"digest_method": sha256}).dumps(said))


@pytest.mark.parametrize("number", NUMBERS)
def test_tokens_are_those_of_the_serializer(number: int) -> None:
    keys, day = Keys(SECRETS), date(2026, 11, 27)
    days = (day - date(2020, 1, 1)).days
    assert keys.notice_link(Link(number, 7, 3, day)) == serialized("notice", [number, 7, 3, days])
    assert keys.opt_out_link(number, 3) == serialized("opt-out", [number, 3])
    assert keys.address_link(number, 12, new=True) == serialized("address", [number, 12, 1])


def test_many_tokens_at_once_are_what_each_is_alone() -> None:
    keys, day = Keys(SECRETS), date(2026, 11, 27)
    links = [(number, 7, epoch) for epoch, number in enumerate(NUMBERS)]
    assert keys.notice_links(links, day) == [keys.notice_link(Link(*link, day)) for link in links]
    assert keys.opt_out_links(list(zip(NUMBERS, NUMBERS, strict=True))) == [
        keys.opt_out_link(one, one) for one in NUMBERS
    ]
    assert keys.notice_links([], day) == []


def test_a_day_before_the_count_of_days_began_is_told_as_well() -> None:
    keys, link = Keys(SECRETS), Link(5, 6, 7, date(2019, 12, 31))
    assert keys.read_notice_link(keys.notice_link(link)) == link


@pytest.mark.parametrize("secret", SECRETS)
def test_links_that_were_mailed_by_earlier_builds_are_read(secret: str) -> None:
    keys = Keys(SECRETS)
    assert keys.read_notice_link(serialized_before("notice", [5, 7, 3, 0], secret)) == Link(5, 7, 3, date(2020, 1, 1))
    assert keys.read_opt_out_link(serialized_before("opt-out", [5, 3], secret)) == (5, 3)
    assert keys.read_opt_out_link(serialized_before("notice", [5, 3], secret)) is None
    assert keys.read_opt_out_link(serialized_before("opt-out", [5, 3], "another key")) is None
    assert KeysBefore(SECRETS).opt_out_link(5, 3) == serialized_before("opt-out", [5, 3])


def test_a_token_is_read_under_its_own_kind_and_key_alone() -> None:
    keys = Keys(SECRETS)
    token = keys.opt_out_link(5, 3)
    assert keys.read_opt_out_link(token) == (5, 3)
    assert keys.read_sign_in_link(token) is None
    assert Keys(("another key",)).read_opt_out_link(token) is None
    said, _, mac = token.partition(".")
    for changed in (
        f"{said}.{mac[:-1]}",
        f"{said}.A{mac[1:]}",
        f"X{said[1:]}.{mac}",
        f"{said}.",
        said,
        f"{said}.{mac}A",
    ):
        assert changed == token or keys.read_opt_out_link(changed) is None


def test_the_mac_is_that_of_the_standard() -> None:
    """Against the test vector of the reference implementation: nothing, under the key 00 01 … 3f (blake2-kat.json)."""
    key, whole = bytes(range(64)), blake2b(key=bytes(range(64))).hexdigest()
    assert whole.startswith("10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786")
    assert KeyedBlake2().get_signature(key, b"") == blake2b(b"", key=key, digest_size=18).digest()
