"""Settings from PORTAL_* variables: the only reader of the environment."""

import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.settings.mail import MailSettings
from portal.settings.sign_on import SignOnSettings


class Settings(MailSettings, SignOnSettings, BaseSettings):
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


def unknown_settings() -> list[str]:
    """PORTAL_* variables that mean nothing, a misspelt one for instance."""
    known = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith("PORTAL_") and name not in known)
