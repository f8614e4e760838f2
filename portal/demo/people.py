"""The members of the story: made anew from nothing but a number, the same ones each time."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random

from portal.demo.names import COUNTRIES

REFERENCE = "contact-forms"
COLUMNS = ("external_id", "address", "name", "language", "zone", "joined_at", "policies")
DOMAINS = (
    "copperbeech.example",
    "nordlicht.example",
    "petit-atelier.example",
    "sobremesa.example",
    "velkamesta.example",
)
JOINED_FROM = datetime(2026, 1, 6, 8, tzinfo=UTC)
JOINED_WITHIN = 45 * 24 * 60
SEED = 20260302
JOINED_OTHERS = datetime(2025, 6, 2, 8, tzinfo=UTC)

# Addresses that begin so are refused by the catcher at RCPT TO.
REFUSED = "gone-away"


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the file that is imported."""

    external_id: str
    address: str
    name: str
    language: str
    zone: str
    joined_at: datetime
    policies: tuple[str, ...] = (REFERENCE,)

    @property
    def row(self) -> tuple[str, ...]:
        joined_at = self.joined_at.isoformat().replace("+00:00", "Z")
        return (
            self.external_id,
            self.address,
            self.name,
            self.language,
            self.zone,
            joined_at,
            " ".join(self.policies),
        )


def crowd(count: int) -> list[Person]:
    """That many people under the reference policy, ids `cf-0001` and on."""
    chance = Random(SEED)
    countries = cycle(COUNTRIES)
    people = []
    for number in range(1, count + 1):
        country = next(countries)
        given, family = chance.choice(country.given), chance.choice(country.family)
        name = f"{family} {given}" if country.language == "ja" else f"{given} {family}"
        external_id = f"cf-{number:04}"
        joined_at = JOINED_FROM + timedelta(minutes=chance.randrange(JOINED_WITHIN))
        domain = chance.choice(DOMAINS)
        people.append(
            Person(external_id, f"{mail_name(name, number)}@{domain}", name, country.language, country.zone, joined_at)
        )
    return people


def mail_name(name: str, number: int) -> str:
    """What stands before the @: the name in plain letters where it has any, and a number against namesakes."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ı", "i").replace("ß", "ss"))
    letters = "".join(c if c.isascii() and c.isalnum() else "." if c.isspace() or c == "-" else "" for c in plain)
    kept = ".".join(part for part in letters.lower().split(".") if part)
    return f"{kept}{number}" if kept else f"member{number}"


def as_csv(people: Iterable[Person]) -> bytes:
    """The file as a company's system would write it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(person.row for person in people)
    return text.getvalue().encode()
