"""Language tags: `en`, `de-AT`, `zh-Hant-TW` (RFC 5646: language, script, region)."""

import re

from portal.rules.errors import Malformed
from portal.rules.form import shown
from portal.rules.said import Said

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE | re.ASCII)


def language_tag(given: str, place: str = "language") -> str:
    """The tag in its usual spelling: `DE_at` is `de-AT`. Raises Malformed."""
    match = _TAG.fullmatch(given.strip())
    if match is None:
        raise Malformed(place, Said("%(given)s is no language tag such as en or de-AT", given=shown(given)))
    language, script, region = match.groups()
    return "-".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))
