"""Settings from PORTAL_* variables: the only reader of the environment."""

import os
import re
import secrets
import ssl
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.hand_over import CompanyKeys

HERE = Path(__file__).resolve().parent
MOST_FOR_A_DOMAIN = 1_000_000
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LABELS = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """Everything that can be set; `docs/settings.md` lists each with its meaning."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_file=None, frozen=True)

    company: str = Field("Example Company", description="The company's name, on every page and mail")
    base_url: str = Field("http://127.0.0.1:8000", description="Its public address, without a slash at the end")
    data: Path = Field(Path("data"), description="Folder of the database (SQLite), the keys, and the demo's mail")
    database_url: str = Field("", description="sqlite:///… or postgres://…; empty: portal.sqlite3 in the data folder")
    history: Path = Field(
        Path("policies_history"),
        description="Folder of the archive of published versions; a relative one lies in the data folder",
    )
    mail_from: str = Field("privacy@example.com", description="Sender address of notices and receipts")
    mail_from_name: str = Field("", description="Sender name; empty: the company's")
    bounce_address: str = Field("", description="Return path, a member's part is added after a plus; empty: mail_from")
    smtp_host: str = Field(
        "127.0.0.1",
        description="Relay that takes the portal's mail; several with commas, HOST:PORT where a port differs",
    )
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port")
    smtp_starttls: Literal["required", "off"] = Field("off", description="STARTTLS with the relay")
    smtp_ca_file: str = Field("", description="PEM file of certificates to trust for STARTTLS; empty: the system's")
    smtp_user: str = Field("", description="Name to log in with at the relay; empty: none")
    smtp_password: str = Field("", description="Password to log in with")
    smtp_connections: int = Field(5, ge=1, le=100, description="Connections to the relay at the same time")
    dkim_domain: str = Field("", description="Domain that signs mail (DKIM); empty: mail is not signed here")
    dkim_selector: str = Field("", description="Name under which its public key stands in the DNS")
    # Without the other two it means nothing, so it is looked at where it is not given, too.
    dkim_key_file: str = Field("", description="PEM file of its private key, RSA", validate_default=True)
    dkim_leave_out: str = Field(
        "", description="Header fields, with commas, that signatures do not cover: those that the relay replaces"
    )
    dkim_processes: int = Field(2, ge=1, le=64, description="Processes that sign, for each one that sends")
    mail_domain_rate: str = Field(
        "", description="Notices a minute to the addresses of a domain: example.com=600, *=0; 0 is no limit"
    )
    mail_domain_at_once: str = Field(
        "", description="Notices of one process on their way to a domain at the same time: example.com=4, *=0"
    )
    mail_give_up_days: int = Field(
        5, ge=1, le=30, description="Days that a temporary failure is retried before ops is asked"
    )
    mail_retry_minutes: int = Field(
        5, ge=1, le=240, description="Wait before the first retry; doubles up to four hours"
    )
    mail_unknown: Literal["resend", "hold"] = Field(
        "resend", description="A mail of which nobody knows whether the relay took it: sent again, or held for ops"
    )
    inbox_days: int = Field(
        180, ge=1, le=3650, description="Days after which what mail that came in said is erased, once it was done with"
    )
    unsubscribe_mail: str = Field(
        "", description="Address in the mailto of List-Unsubscribe, beside the link that works at once; empty: none"
    )
    oidc_issuer: str = Field("", description="Issuer of the company's sign-on by OpenID Connect; empty: none")
    oidc_client_id: str = Field("", description="The portal's client id there", validate_default=True)
    oidc_client_secret: str = Field("", description="Its secret; empty: a public client")
    oidc_scope: str = Field("openid", description="Scopes to ask for, with blanks between")
    oidc_member_claim: str = Field(
        "sub", min_length=1, description="The claim of the ID token that is the member's id in the company's list"
    )
    oidc_ca_file: str = Field("", description="PEM file of certificates to trust for the sign-on; empty: the system's")
    hand_over_secret: str = Field(
        "", description="Secret by which the company's site signs hand-over tokens; several with blanks between"
    )
    hand_over_keys: str = Field("", description="PEM file of the public keys by which it does")
    hand_over_url: str = Field(
        "", description="Address on the company's site that makes one; the sign-in page links it"
    )
    jobs: bool = Field(
        default=True,
        description="Whether servers do jobs; false with PostgreSQL where `manage.py worker` does them all",
    )
    proxies: str = Field("127.0.0.1", description="Addresses of proxies whose X-Forwarded-* headers are believed")
    mailbox: bool = Field(default=False, description="Show the demo's caught mail at /mailbox; never in production")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, given: str) -> str:
        if given and given.partition("://")[0] not in ("sqlite", "postgres", "postgresql"):
            raise ValueError("write sqlite:///PATH or postgres://USER@HOST/NAME")
        return given

    @field_validator("smtp_ca_file", "oidc_ca_file")
    @classmethod
    def _holds_certificates(cls, given: str) -> str:
        try:
            if given:
                ssl.create_default_context(cafile=given)
        except OSError as error:
            raise ValueError(f"{given} is no PEM file with certificates: {error.strerror or error}") from error
        return given

    @field_validator("oidc_issuer", "hand_over_url")
    @classmethod
    def _encrypted(cls, given: str) -> str:
        parts = urlsplit(given)
        if given and (not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK)):
            raise ValueError("write an address that begins with https://")
        return given

    @field_validator("oidc_client_id")
    @classmethod
    def _known_there(cls, given: str, others: ValidationInfo) -> str:
        if others.data.get("oidc_issuer") and not given:
            raise ValueError("the sign-on of PORTAL_OIDC_ISSUER needs it")
        return given

    @field_validator("oidc_scope")
    @classmethod
    def _of_openid(cls, given: str) -> str:
        if "openid" not in given.split():
            raise ValueError("openid has to be among them")  # OpenID Connect Core, section 3.1.2.1
        return given

    @field_validator("hand_over_secret")
    @classmethod
    def _long_enough(cls, given: str) -> str:
        CompanyKeys.of(given, "")
        return given

    @field_validator("hand_over_keys")
    @classmethod
    def _holds_public_keys(cls, given: str) -> str:
        try:
            CompanyKeys.of("", Path(given).read_text() if given else "")
        except OSError as error:
            raise ValueError(f"{given} cannot be read: {error.strerror or error}") from error
        return given

    @field_validator("smtp_host")
    @classmethod
    def _hosts(cls, given: str) -> str:
        for host, port in map(_host_and_port, given.split(",")):
            if not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
                raise ValueError("write HOST, or HOST:PORT, and commas between several")
        return given

    @field_validator("mail_domain_rate", "mail_domain_at_once")
    @classmethod
    def _for_domains(cls, given: str) -> str:
        for_domains(given)
        return given

    @field_validator("dkim_domain", "dkim_selector")
    @classmethod
    def _labels(cls, given: str) -> str:
        if given and not _LABELS.fullmatch(given):
            raise ValueError("write letters, digits and hyphens, with dots between; others as xn--…")
        return given.lower()

    @field_validator("dkim_key_file")
    @classmethod
    def _whole_dkim(cls, given: str, info: ValidationInfo) -> str:
        parts = {"PORTAL_DKIM_KEY_FILE": given}
        for name in ("dkim_domain", "dkim_selector"):
            parts[f"PORTAL_{name.upper()}"] = info.data.get(name, "wrong")
        missing = [name for name, part in parts.items() if not part]
        if 0 < len(missing) < len(parts):
            raise ValueError(f"signing takes all of {', '.join(sorted(parts))}; missing: {', '.join(sorted(missing))}")
        return given

    @property
    def relays(self) -> list[tuple[str, int]]:
        """Host and port of each relay."""
        return [(host, int(port or self.smtp_port)) for host, port in map(_host_and_port, self.smtp_host.split(","))]

    @property
    def domain_rates(self) -> dict[str, int]:
        """Domain -> notices a minute, `*` for all others; 0 is no limit."""
        return for_domains(self.mail_domain_rate)

    @property
    def domain_at_once(self) -> dict[str, int]:
        """Domain -> notices on their way at the same time, `*` for all others; 0 is no limit."""
        return for_domains(self.mail_domain_at_once)

    @property
    def company_keys(self) -> CompanyKeys:
        """The keys by which the company's site signs hand-over tokens; none of them: it makes none."""
        return CompanyKeys.of(
            self.hand_over_secret, Path(self.hand_over_keys).read_text() if self.hand_over_keys else ""
        )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite://{(self.data / 'portal.sqlite3').resolve()}"

    @property
    def archive(self) -> Path:
        """The archive's folder. Not the checkout's own: that one holds the samples, which are not this company's."""
        return self.data / self.history

    @property
    def keys_file(self) -> Path:
        return self.data / "keys"

    @property
    def mail_folder(self) -> Path:
        """Where the demo's catcher keeps what it caught."""
        return self.data / "mail"

    def secrets(self) -> tuple[str, ...]:
        """The signing keys, oldest first; the first one is made when there is none."""
        if not self.keys_file.exists():
            self.rotate()
        return tuple(self.keys_file.read_text().split())

    def rotate(self) -> None:
        """Adds a new signing key, which signs from now on; the older ones still verify."""
        self.data.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.keys_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a") as keys:
            keys.write(secrets.token_urlsafe(32) + "\n")


def for_domains(given: str) -> dict[str, int]:
    """`example.com=600, *=0` as domain -> number; `*`: every other domain. Raises ValueError, which names the item."""
    found: dict[str, int] = {}
    for item in filter(None, map(str.strip, given.split(","))):
        domain, _, number = (part.strip() for part in item.partition("="))
        if domain != "*" and not _LABELS.fullmatch(domain):
            raise ValueError(f"{item!r}: write DOMAIN=NUMBER or *=NUMBER, other letters of a domain as xn--…")
        if not (number.isascii() and number.isdecimal() and int(number) <= MOST_FOR_A_DOMAIN):
            raise ValueError(f"{item!r}: write a number from 0, no limit, to {MOST_FOR_A_DOMAIN} behind the =")
        if domain.lower() in found:
            raise ValueError(f"{item!r}: {domain} has a number already")
        found[domain.lower()] = int(number)
    return found


def _host_and_port(given: str) -> tuple[str, str]:
    """The parts of `HOST`, `HOST:PORT`, `[IPV6]:PORT` or a bare IPv6 address."""
    given = given.strip()
    if given.startswith("["):
        host, _, port = given[1:].partition("]")
        return host, port.removeprefix(":")
    if given.count(":") == 1:
        host, _, port = given.partition(":")
        return host, port
    return given, ""


def unknown_settings() -> list[str]:
    """PORTAL_* variables that mean nothing, a misspelt one for instance."""
    known = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith("PORTAL_") and name not in known)


def folder(name: str) -> Path:
    """`templates` or `static`: of the checkout, or as the wheel carries them."""
    in_checkout = HERE.parent / name
    return in_checkout if in_checkout.is_dir() else HERE / "_data" / name
