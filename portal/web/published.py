"""The changes of a published version, as cards for staff."""

from portal.store.policies import Version
from portal.store.publications import decisions_of, purpose_titles
from portal.web.change_cards import Card, Cards, Classified
from portal.web.compared import compared, in_thread


async def cards_of_version(version: Version) -> list[Card]:
    """Every change of the version with its classification, in the order of the text; none of a first version."""
    before = await Version.get_or_none(policy_id=version.policy_id, number=version.number - 1).only("id", "number")
    if before is None:
        return []
    redline = (await compared(before, version)).redline
    cards = Cards(redline, await purpose_titles(), version.treatments, language=version.language)
    given = {
        key: Classified(decision.purposes, decision.reason)
        for key, decision in (await decisions_of(version.id)).items()
    }
    return await in_thread(
        lambda: [cards.card(change, given.get(change.id)) for change in cards.redline.comparison.changes]
    )
