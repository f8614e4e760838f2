"""The pages in `docs/` that could drift from the code do not."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from cyclopts import App, Parameter

from portal.app import API, ROUTES
from portal.cli import app
from portal.settings import Settings
from portal.store.staff import Scope
from tests.browser.album import file_name, shown
from tests.browser.pages import KINDS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
ROOMS = {name: app[name] for name in ("mail", "members", "history", "keys", "staff", "bench")}


def own(names: App) -> list[str]:
    return [name for name in names if not name.startswith("-")]


def commands() -> list[str]:
    """`demo`, `members import` and so on."""
    return [
        whole
        for name in own(app)
        for whole in ([f"{name} {part}" for part in own(ROOMS[name])] if name in ROOMS else [name])
    ]


def function_of(command: str) -> Callable[..., Any]:
    room, _, name = command.rpartition(" ")
    found = (ROOMS[room] if room else app)[name].default_command
    assert found is not None
    return found


def options_of(command: str) -> Iterator[str]:
    """`--once`, of everything that stands behind the `*`."""
    function = function_of(command)
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            named = [one.name for one in parameters(hints[name]) if one.name]
            yield next(iter(named[0])) if named else "--" + name.replace("_", "-")


def parameters(hint: object) -> list[Parameter]:
    if get_origin(hint) is not Annotated:
        return []
    return [part for part in get_args(hint)[1:] if isinstance(part, Parameter)]


def section(command: str) -> str:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    parts = re.split(r"^### ", page, flags=re.MULTILINE)
    found = [part for part in parts if part.startswith(f"`manage.py {command}`\n")]
    assert len(found) == 1, f"docs/commands.md has {len(found)} sections about {command}"
    return found[0].partition("\n## ")[0]


@pytest.mark.parametrize("command", commands())
def test_a_command_is_documented_with_its_options_and_no_others(command: str) -> None:
    documented = set(re.findall(r"^\| `(--[\w-]+)", section(command), re.MULTILINE))
    assert documented == set(options_of(command))


def test_no_command_is_documented_that_does_not_exist() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^### `manage\.py (.+)`$", page, re.MULTILINE)) == sorted(commands())


def test_every_setting_is_documented_with_its_default() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `PORTAL_(\w+)` \| (.+?) \|", page, re.MULTILINE))
    expected = {
        name.upper(): f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
        if field.default != ""
        else "empty"
        for name, field in Settings.model_fields.items()
    }
    assert rows == expected


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "policies_history" / "README.md"])


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    found = [one or other for one, other in LINK.findall(page.read_text(encoding="utf-8"))]
    local = [link.partition("#")[0] for link in found if "://" not in link and not link.startswith(("#", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_index_names_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in DOCS.glob("*.md")]
    assert [name for name in pages if f"docs/{name}" not in readme] == []


def test_every_picture_is_small_and_used() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    taken = sorted((DOCS / "pictures").glob("*.png"))
    assert len(taken) >= 8
    assert [path.name for path in taken if f"docs/pictures/{path.name}" not in readme] == []
    assert [path.name for path in taken if path.stat().st_size >= 150_000] == []


def test_every_kind_of_page_has_its_picture() -> None:
    taken = sorted((DOCS / "pages").glob("*.webp"))
    assert {path.name for path in taken} == {file_name(kind) for kind in KINDS}
    assert (DOCS / "pages.md").read_text(encoding="utf-8") == shown("pages")
    assert [path.name for path in taken if path.stat().st_size >= 60_000] == []


def test_every_call_of_the_api_is_documented_with_its_method_and_no_others() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    calls = {
        (method, re.sub(r":\w+}", "}", route.path)) for route in API for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(re.findall(r"^\| \[`(GET|POST|PUT|PATCH|DELETE) (/api/[^`]+)`\]", page, re.MULTILINE)) == calls
    assert [route for route in ROUTES if getattr(route, "path", "").startswith("/api")] == API


def test_every_scope_of_a_token_is_documented() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+:\w+)` \|", page, re.MULTILINE) == [str(scope) for scope in Scope]
