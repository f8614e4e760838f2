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
    number = len(settings.secrets())
    print(f"{settings.keys_file} has {number} key{'s' * (number > 1)}; restart the portal to sign with the newest")
