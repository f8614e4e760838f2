"""The canonical form, and what is refused."""

import hashlib

import pytest

from portal.rules.changes import canonical, digest
from portal.rules.errors import RuleBroken


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xef\xbb\xbfA\r\nB\rC", "A\nB\nC\n"),
        ("A\0B\n", "A\ufffdB\n"),
        ("\ufeffé", "é\n"),
        ("\ufeff\ufeffé", "é\n"),
        (b"A\n\n", "A\n\n"),
    ],
)
def test_line_ends_marks_and_nul_are_made_canonical(raw: bytes | str, text: str) -> None:
    assert canonical(raw) == text


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "text_empty"),
        ("\ufeff \r\n\t", "text_empty"),
        (b"caf\xe9", "text_not_utf8"),
        ("\ud800", "text_not_utf8"),
        (b"a" * 1_000_001, "text_too_large"),
        ("é" * 500_001, "text_too_large"),
    ],
)
def test_a_text_that_cannot_be_published_is_refused_with_the_reason(raw: bytes | str, code: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        canonical(raw)
    assert refusal.value.code == code


def test_a_megabyte_is_not_too_large() -> None:
    assert len(canonical(b"a" * 1_000_000)) == 1_000_001


def test_the_digest_is_of_the_utf8_bytes() -> None:
    assert digest("é\n") == "sha256:" + hashlib.sha256("é\n".encode()).hexdigest()
