"""Settings of signing in through the company's own site."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from portal.hand_over import CompanyKeys
from portal.settings.values import certificates

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SignOnSettings(BaseSettings):
    oidc_issuer: str = Field("", description="Issuer of the company's sign-on by OpenID Connect; empty: none")
    oidc_client_id: str = Field("", description="The portal's client id there", validate_default=True)
    oidc_client_secret: str = Field("", description="Its secret; empty: a public client")
    oidc_scope: str = Field("openid", description="Scopes to ask for, with blanks between")
    oidc_member_claim: str = Field(
        "sub", min_length=1, description="The claim of the ID token that is the member's id in the company's list"
    )
    oidc_ca_file: Annotated[str, AfterValidator(certificates)] = Field(
        "", description="PEM file of certificates to trust for the sign-on; empty: the system's"
    )
    hand_over_secret: str = Field(
        "", description="Secret by which the company's site signs hand-over tokens; several with blanks between"
    )
    hand_over_keys: str = Field("", description="PEM file of the public keys by which it does")
    hand_over_url: str = Field(
        "", description="Address on the company's site that makes one; the sign-in page links it"
    )

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

    @property
    def company_keys(self) -> CompanyKeys:
        """The keys by which the company's site signs hand-over tokens; none of them: it makes none."""
        return CompanyKeys.of(
            self.hand_over_secret, Path(self.hand_over_keys).read_text() if self.hand_over_keys else ""
        )
