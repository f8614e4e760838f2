"""Events are told in words."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.web.happenings import QUIET, titles

ACTIONS = Path(__file__).parents[2] / "portal" / "actions"
RECORDERS = {"record", "tell", "_event"}


def recorded() -> Iterator[str]:
    """The first text that is handed to whatever writes an event, and texts that are chosen between for it."""
    for path in ACTIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDERS:
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                yield from texts[:1]
            elif isinstance(node, ast.IfExp):
                chosen = (node.body, node.orelse)
                yield from (
                    text for one in chosen if isinstance(one, ast.Constant) and _is_action(text := str(one.value))
                )


def _is_action(value: str) -> bool:
    return value.count(".") == 1 and value.replace(".", "").replace("_", "").isalpha()


def test_every_action_that_is_recorded_has_words() -> None:
    found = set(recorded())
    assert {"version.published", "purpose.opted_out", "notice.seen"} <= found
    assert found - set(titles()) == set()


def test_what_the_overview_leaves_out_is_there() -> None:
    assert set(QUIET) <= set(titles())
