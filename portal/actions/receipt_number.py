"""Numbers of receipts: nobody can guess one, and they can be read out over the telephone."""

import secrets

NUMBER_ALPHABET = "23456789CFGHJMPQRVWX"  # no vowels and no look-alikes
DIGITS = 9


def receipt_number() -> str:
    """`7HQ4RX2MC`, at random."""
    return "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(DIGITS))
