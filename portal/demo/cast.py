"""Who plays which part."""

from dataclasses import dataclass, replace

from portal.demo.people import JOINED_OTHERS, REFUSED, Person, crowd

FEWEST, MOST = 20, 100_000
PASSWORD = "a change told in good time"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the company's staff; `roles` as the portal names them."""

    name: str
    email: str
    roles: tuple[str, ...]


ADMIN = Colleague("Ada Keller", "ada@ternwick.example", ("admin",))
AUTHOR = Colleague("Lena Hofer", "lena@ternwick.example", ("legal", "approver"))
APPROVER = Colleague("Tomasz Brandt", "tomasz@ternwick.example", ("legal", "approver"))
OPS = Colleague("Oda Pirandello", "oda@ternwick.example", ("ops",))
STAFF = (ADMIN, AUTHOR, APPROVER, OPS)


@dataclass(frozen=True, slots=True)
class Cast:
    """The members. Whoever is in none of the parts reads the mail, or does not, and answers nothing.

    `freezers` object to the marketing change, `closers` to the service change; the first of each is the one we follow.
    """

    everyone: tuple[Person, ...]
    freezers: tuple[Person, ...]
    closers: tuple[Person, ...]
    unconfirmed: Person
    withdrawer: Person
    last_second: Person
    late: Person
    by_letter: Person
    refused: Person
    bounced: Person
    opted_out: Person
    sharing: tuple[Person, Person]
    silent: Person
    scanned: Person
    desk: tuple[Person, Person]
    licensee: Person
    cloud: Person
    mailbox: Person

    @property
    def others(self) -> tuple[Person, ...]:
        """Those who are under one of the other four policies."""
        return (*self.desk, self.licensee, self.cloud, self.mailbox)


def cast_of(count: int) -> Cast:
    """The parts among that many members of the reference policy (at least FEWEST), and five people more."""
    people = crowd(count)
    people[6] = replace(people[6], address=f"{REFUSED}.{people[6].address}")
    people[11] = replace(people[11], address=people[10].address)
    spare = iter(people[15:])
    more_freezers = [next(spare) for _ in range(1 + count // 100)]
    more_closers = [next(spare) for _ in range(1 + count // 200)]
    return Cast(
        everyone=tuple(people),
        freezers=(people[0], *more_freezers),
        closers=(people[1], *more_closers),
        unconfirmed=people[2],
        withdrawer=people[3],
        last_second=people[4],
        late=people[5],
        refused=people[6],
        bounced=people[7],
        opted_out=people[8],
        by_letter=people[9],
        sharing=(people[10], people[11]),
        silent=people[12],
        scanned=people[13],
        desk=(
            _other("hd-01", "Wilhelmina Osei", "de", "help-desk"),
            _other("hd-02", "Pádraig Ó Cuinn", "en", "help-desk"),
        ),
        licensee=_other("crm-01", "Ludmila Vosková", "cs", "crm"),
        cloud=_other("cl-01", "Tarek Haddad", "fr", "cloud-crm"),
        mailbox=_other("mh-01", "Saoirse Núñez", "es", "mail-hosting"),
    )


def with_others(people: tuple[Person, ...]) -> str:
    """`Maeve Ashdown and 9 others`."""
    others = {1: "", 2: " and another"}.get(len(people), f" and {len(people) - 1} others")
    return people[0].name + others


def _other(external_id: str, name: str, language: str, slug: str) -> Person:
    address = f"{external_id}@copperbeech.example"
    return Person(external_id, address, name, language, "Europe/Berlin", JOINED_OTHERS, (slug,))
