"""What the rules say when they refuse."""


class RuleBroken(Exception):
    """A rule refuses what was asked. Carries what a page or an API answer needs to explain it.

    `code` is stable and machine-readable (`late`, `already_objected`, `text_empty` …), `message` is English for a
    person, `facts` holds values a page may show (for `late`: `closes_at`).
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class Malformed(ValueError):
    """Input that does not have the form it should have.

    `place` is a path such as `versions[1].notice.zone`; "" is the whole.
    """

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message
