"""A link's token is what the library's serializer makes of the same numbers, so that the library can read it."""

from datetime import date
from hashlib import sha256

import pytest
from itsdangerous import URLSafeSerializer

from portal.keys import Keys, Link

SECRETS = ("an older key", "k" * 200)
NUMBERS = [1, 0, 2**31, 9_999_999_999]


def serialized(salt: str, said: list[int]) -> str:
    newest = URLSafeSerializer(SECRETS[-1], salt=salt, signer_kwargs={"digest_method": sha256})
    return str(newest.dumps(said))


@pytest.mark.parametrize("number", NUMBERS)
def test_tokens_are_those_of_the_serializer(number: int) -> None:
    keys, day = Keys(SECRETS), date(2026, 11, 27)
    days = (day - date(2020, 1, 1)).days
    assert keys.notice_link(Link(number, 7, 3, day)) == serialized("notice", [number, 7, 3, days])
    assert keys.opt_out_link(number, 3) == serialized("opt-out", [number, 3])
    assert keys.address_link(number, 12, new=True) == serialized("address", [number, 12, 1])


def test_a_day_before_the_count_of_days_began_is_told_as_well() -> None:
    keys, link = Keys(SECRETS), Link(5, 6, 7, date(2019, 12, 31))
    assert keys.read_notice_link(keys.notice_link(link)) == link
