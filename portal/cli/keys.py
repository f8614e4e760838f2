"""`manage.py keys rotate`."""

from portal.cli import Stop
from portal.cli.surroundings import read_settings, reason


def rotate() -> None:
    """Sign with a new key from the next start on. Links and codes that older keys signed go on working."""
    settings = read_settings()
    try:
        settings.rotate()
    except OSError as error:
        raise Stop(f"{settings.keys_file} cannot be written: {reason(error)}") from None
    print(f"{settings.keys_file} has {len(settings.secrets())} keys; restart the portal to sign with the newest")
