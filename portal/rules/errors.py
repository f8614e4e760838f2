"""What the rules say when they refuse."""

from portal.rules.said import Plural, Said


class RuleBroken(Exception):
    """A rule refuses what was asked. Carries what a page or an API answer needs to explain it.

    `code` is stable and machine-readable (`late`, `already_objected`, `text_empty` …), `facts` holds values a page may
    show (for `late`: `closes_at`). `message` is for a person: English, with what pages need to say it in another
    language. It is given as a template whose `%(name)s` are facts; the catalogues have the template.
    """

    def __init__(self, code: str, message: str | Plural, **facts: object) -> None:
        self.message = message if isinstance(message, Said) else Said(message, **facts)
        super().__init__(str(self.message))
        self.code = code
        self.facts = facts


class Malformed(ValueError):
    """Input that does not have the form it should have.

    `place` is a path such as `versions[1].notice.zone`; "" is the whole. `message` is a Said where it reaches a page.
    """

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message
