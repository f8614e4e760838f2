"""The changes of a published version, as cards for staff."""

from portal.rules.changes import Comparison
from portal.store.policies import Version
from portal.store.publications import authoritative_text, decisions_of, purpose_titles
from portal.web.change_cards import Card, Classified, cards_of


async def cards_of_version(version: Version) -> list[Card]:
    """Every change of the version with its classification, in the order of the text; none of a first version."""
    if version.comparison is None:
        return []
    before = await Version.get(policy_id=version.policy_id, number=version.number - 1).only("id")
    old_text, new_text = await authoritative_text(before.id), await authoritative_text(version.id)
    maker = cards_of(old_text, new_text, await purpose_titles(), version.treatments)
    given = {
        key: Classified(decision.purposes, decision.reason)
        for key, decision in (await decisions_of(version.id)).items()
    }
    return [maker.card(change, given.get(change.id)) for change in Comparison.from_json(version.comparison).changes]
