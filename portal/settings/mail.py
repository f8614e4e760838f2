"""Settings of mail: who writes, by which relay, how fast, how it is signed, and what comes back."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from portal.settings.values import LABELS, certificates, for_domains, host_and_port


class MailSettings(BaseSettings):
    mail_from: str = Field("privacy@example.com", description="Sender address of notices and receipts")
    mail_from_name: str = Field("", description="Sender name; empty: the company's")
    bounce_address: str = Field("", description="Return path, a member's part is added after a plus; empty: mail_from")
    smtp_host: str = Field(
        "127.0.0.1",
        description="Relay that takes the portal's mail; several with commas, HOST:PORT where a port differs",
    )
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port")
    smtp_starttls: Literal["required", "off"] = Field("off", description="STARTTLS with the relay")
    smtp_ca_file: Annotated[str, AfterValidator(certificates)] = Field(
        "", description="PEM file of certificates to trust for STARTTLS; empty: the system's"
    )
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

    @field_validator("smtp_host")
    @classmethod
    def _hosts(cls, given: str) -> str:
        for host, port in map(host_and_port, given.split(",")):
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
        if given and not LABELS.fullmatch(given):
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
        return [(host, int(port or self.smtp_port)) for host, port in map(host_and_port, self.smtp_host.split(","))]

    @property
    def domain_rates(self) -> dict[str, int]:
        """Domain -> notices a minute, `*` for all others; 0 is no limit."""
        return for_domains(self.mail_domain_rate)

    @property
    def domain_at_once(self) -> dict[str, int]:
        """Domain -> notices on their way at the same time, `*` for all others; 0 is no limit."""
        return for_domains(self.mail_domain_at_once)
