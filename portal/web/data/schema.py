"""The form of the download, version 2. Keys are never renamed or dropped: a change that would makes version 3.

`docs/member-data.schema.json` says the same as JSON Schema; a test compares the two.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA = "member-data/2"

Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "UTC, to the second"}),
]
By = Literal["member", "staff", "company_system", "portal"]


class Part(BaseModel):
    """What all parts have in common: no other keys than these."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Part):
    customer_number: str
    language: str
    zone: str | None = Field(description="IANA name")
    known_since: Instant


class ProfileGiven(Part):
    given_at: Instant
    recorded_at: Instant
    name: str = Field(description="empty where it was erased")
    language: str
    zone: str | None


class AddressGiven(Part):
    given_at: Instant
    recorded_at: Instant
    address: str = Field(description="empty where it was erased")


class AddressChangeAsked(Part):
    asked_at: Instant
    address: str
    expires_at: Instant
    confirmed_at_new_address: Instant | None
    confirmed_at_old_address: Instant | None
    handed_to_staff_at: Instant | None
    ended_at: Instant | None
    ended_as: str | None


class Membership(Part):
    policy: str = Field(description="slug")
    title: str
    joined_at: Instant
    joined_on_version: int = Field(description="0: before version 1")


class Term(Part):
    """Which version governs data for one purpose, collected in one span of time, both ends included."""

    policy: str
    purpose: str
    collected_from: Instant
    collected_until: Instant | None = Field(description="null: to now and on")
    version: int | None
    allowed: bool
    basis: str
    because_of_version: int | None


class Sending(Part):
    number: int
    address: str
    begun_at: Instant
    state: str
    attempts: int
    accepted_at: Instant | None
    reply: str = Field(description="what the mail server said")
    came_back_at: Instant | None


class Sight(Part):
    at: Instant
    recorded_at: Instant
    way: str


class Refused(Part):
    at: Instant
    code: str = Field(description="RFC 3463, or SMTP's")


class Notice(Part):
    policy: str
    version: int
    posted_at: Instant
    state: str
    effective_at: Instant | None
    opens_at: Instant | None
    closes_at: Instant | None
    sendings: tuple[Sending, ...]
    refusals: tuple[Refused, ...]
    sights: tuple[Sight, ...]


class Objection(Part):
    number: str
    policy: str
    version: int
    received_at: Instant
    recorded_at: Instant
    way: str
    outcome: Literal["freeze", "closure"]
    purposes: tuple[str, ...]
    reason: str = Field(description="yours; empty where you gave none, or staff entered the objection")
    confirmed_at: Instant | None
    confirmed_by: str | None
    amends: str | None = Field(description="number of the objection whose place it took")
    restores: str | None = Field(description="number of the objection that stands again in it")
    withdrawn_at: Instant | None
    freeze_settled_at: Instant | None


class Declaration(Part):
    """An answer that takes effect once it is confirmed: a consent, opting in again, a withdrawal after the window, an
    objection by a reply."""

    number: str
    kind: str
    policy: str
    version: int
    purpose: str = Field(description="empty for a withdrawal and for an objection")
    objection: str | None = Field(description="number of the objection taken back")
    received_at: Instant
    recorded_at: Instant
    way: str
    ended_at: Instant | None
    ended_as: str | None
    confirmed_by: str | None


class Consent(Part):
    policy: str
    version: int
    purpose: str
    given_at: Instant
    recorded_at: Instant
    way: str


class OptOut(Part):
    purpose: str
    direction: Literal["out", "in"]
    at: Instant
    recorded_at: Instant
    way: str


class Request(Part):
    number: str
    kind: str
    way: str
    received_at: Instant
    recorded_at: Instant
    due_at: Instant
    extended_at: Instant | None
    extension: str = Field(description="why it took longer")
    ended_at: Instant | None
    ended_as: str | None
    answer: str


class SubmittedFile(Part):
    """A file that came with a letter; its bytes are not in here."""

    name: str = Field(description="empty where it was erased")
    media_type: str = Field(description="told from its bytes (RFC 6838)")
    size: int = Field(description="bytes")
    digest: str = Field(description="SHA-256, as sha256: and 64 hexadecimal digits")
    erased_at: Instant | None


class Submission(Part):
    """What you said by letter, by telephone, in person or by mail, as staff entered it."""

    number: str
    kind: str
    way: str
    asked_by: Literal["member", "representative"]
    purpose: str = Field(description="empty where it is not about one")
    received_at: Instant
    recorded_at: Instant
    files: tuple[SubmittedFile, ...]


class Closure(Part):
    closed_at: Instant
    objection: str | None = Field(description="number of the objection that asked for it")


class SignIn(Part):
    at: Instant
    ends_at: Instant
    ended_at: Instant | None


class Mail(Part):
    """A mail other than a notice: a receipt, a code, a sign-in link."""

    kind: str
    written_at: Instant
    state: str
    accepted_at: Instant | None


class ReturnedMail(Part):
    """A mail that came in about one of ours: a bounce, a reply."""

    kind: str
    received_at: Instant
    status: str
    reason: str
    objection: str | None = Field(description="number of the objection that a reply became")
    refusal: str = Field(description="why a reply that objects became none; else empty")


class Event(Part):
    """Something that was done about you, and by whom as a role."""

    action: str
    at: Instant
    recorded_at: Instant
    by: By
    policy: str | None
    version: int | None
    facts: dict[str, Any]


class MemberData(Part):
    """The whole. Lists are in the order in which things happened."""

    schema_: Literal["member-data/2"] = Field(alias="schema")
    company: str
    made_at: Instant
    member: Person
    profiles: tuple[ProfileGiven, ...]
    addresses: tuple[AddressGiven, ...]
    address_changes: tuple[AddressChangeAsked, ...]
    memberships: tuple[Membership, ...]
    terms: tuple[Term, ...]
    notices: tuple[Notice, ...]
    objections: tuple[Objection, ...]
    declarations: tuple[Declaration, ...]
    consents: tuple[Consent, ...]
    opt_outs: tuple[OptOut, ...]
    requests: tuple[Request, ...]
    submissions: tuple[Submission, ...]
    closures: tuple[Closure, ...]
    sign_ins: tuple[SignIn, ...]
    mails: tuple[Mail, ...]
    returned_mails: tuple[ReturnedMail, ...]
    events: tuple[Event, ...]

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema, draft 2020-12, of what is written."""
        draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        return draft | cls.model_json_schema(by_alias=True, mode="serialization")
