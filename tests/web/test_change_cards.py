"""A change's name: its clause and the heading above it, each number once."""

import pytest
from markupsafe import Markup

from portal.web.change_cards import Card


@pytest.mark.parametrize(
    ("label", "section", "heading"),
    [
        ("3.1", ("Policy", "3. Running the service"), "Running the service"),
        ("3.1", ("Policy", "Running the service"), "Running the service"),
        ("31", ("Policy", "3. Running the service"), "3. Running the service"),
        (None, ("Policy", "3. Running the service"), "3. Running the service"),
        ("a", ("Policy", "3. Running the service"), "3. Running the service"),
        ("1", (), ""),
    ],
)
def test_the_number_of_a_heading_is_not_said_beside_that_of_its_clause(
    label: str | None, section: tuple[str, ...], heading: str
) -> None:
    card = Card(
        id="c",
        kind="modify",
        cls="text",
        minor=False,
        section=section,
        label=label,
        flags=(),
        inline=Markup(),
        moved_from=(),
        before=Markup(),
        after=Markup(),
    )
    assert card.heading == heading
