"""Every kind of page, for every reader: in light, in the dark, in colours of their own, on a phone, large, on paper.

No violation of WCAG 2.2 AA, nothing to scroll sideways, nothing that only a colour says, and quick on a slow line.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Response, ViewportSize

from tests.browser.album import Album
from tests.browser.conftest import Story
from tests.browser.pages import KINDS

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
PHONE = ViewportSize(width=320, height=640)
"""Also what a window of 1280 pixels shows at 400 % (WCAG 2.2, 1.4.10)."""
DESK = ViewportSize(width=1280, height=900)
ENLARGED = ViewportSize(width=640, height=450)
"""What the desk's window shows at 200 %."""
MOST_BYTES = 60_000
"""Of a page, compressed, with its sheets and scripts."""


@pytest.fixture(scope="module")
def album(request: pytest.FixtureRequest) -> Iterator[Album | None]:
    """Where pictures are taken."""
    folder = request.config.getoption("--album", default=None)
    album = Album(folder.resolve()) if folder else None
    yield album
    if album is not None:
        album.close()


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_for_everyone(
    kind: str, story: Story, signed_in: Callable[[str], BrowserContext], album: Album | None
) -> None:
    wanted = KINDS[kind]
    page = signed_in(wanted.role).new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    try:
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = page.goto(wanted.address(story))
        assert answer is not None
        assert answer.status == wanted.status
        assert weight(page, answer) < MOST_BYTES
        if album is not None:
            album.desk(page, kind)
        # What the browser itself complains of: the policy of the pages, a file that is missing.
        assert [error for error in errors if "status of" not in error] == []
        page.evaluate(AXE)
        assert violations(page, RULES) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(page, CONTRAST) == []
        page.set_viewport_size(ENLARGED)
        assert sideways(page) == []
        page.set_viewport_size(PHONE)
        assert sideways(page) == []
        assert violations(page, RULES) == []
        if album is not None:
            album.phone(page, kind)
        page.emulate_media(forced_colors="active")
        assert lost_in_forced_colours(page) == []
        page.set_viewport_size(DESK)
        page.emulate_media(media="print", color_scheme="dark", forced_colors="none")
        assert out_of_place_on_paper(page) == []
    finally:
        page.close()


def test_what_would_be_wrong_is_found(signed_in: Callable[[str], BrowserContext]) -> None:
    """The tests above pass for a reason."""
    page = signed_in("nobody").new_page()
    page.set_viewport_size(PHONE)
    page.goto("/policies")
    page.evaluate(AXE)
    page.evaluate("""() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="/static/favicon.svg">');
      document.querySelector('main').style.minWidth = '500px';
      document.querySelector('h1').style.color = '#ddd';
    }""")
    assert {found.partition(":")[0] for found in violations(page, RULES)} == {"image-alt", "color-contrast"}
    assert sideways(page) != []
    page.evaluate("""() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<button>Go</button><ins>new</ins>');
      document.querySelector('main > button').style.setProperty('border', '0', 'important');
      document.querySelector('main > ins').style.setProperty('text-decoration', 'none', 'important');
    }""")
    page.emulate_media(forced_colors="active")
    assert len(lost_in_forced_colours(page)) == 2
    page.emulate_media(media="print", forced_colors="none")
    page.evaluate("() => document.querySelector('main > button').style.setProperty('display', 'block', 'important')")
    assert len(out_of_place_on_paper(page)) == 1
    page.close()


def test_a_page_is_compressed_for_who_takes_it_so(story: Story, signed_in: Callable[[str], BrowserContext]) -> None:
    request = signed_in("nobody").request
    plain = request.get("/policies/contact-forms", headers={"Accept-Encoding": "identity"})
    short = request.get("/policies/contact-forms", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert short.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in short.headers["vary"]
    assert short.body() == plain.body()
    assert int(short.headers["content-length"]) < len(plain.body()) / 2


def weight(page: Page, answer: Response) -> int:
    """Bytes on the line for the page itself, its sheets and its scripts; no images."""
    loaded = page.evaluate(
        "() => [...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(e => e.href || e.src)"
    )
    parts = [page.request.get(address, headers={"Accept-Encoding": "gzip"}) for address in loaded]
    lengths = [int(part.headers["content-length"]) for part in parts]
    return sum(lengths) + int(answer.request.sizes()["responseBodySize"])


def lost_in_forced_colours(page: Page) -> list[str]:
    """What a reader does not see who has the browser paint everything in a few colours of their own."""
    found: list[str] = page.evaluate(
        """() => {
          const seen = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1;
          const framed = e => ['Top', 'Bottom'].some(side => {
            const style = getComputedStyle(e);
            return style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) > 0;
          });
          // What the browser draws itself, a list of choices say, or a button that looks like a link.
          const drawn = e => e.tagName === 'INPUT' && getComputedStyle(e).appearance !== 'none'
            || getComputedStyle(e).textDecorationLine.includes('underline');
          const controls = [...document.querySelectorAll('button, .button, .status, .tag, input, select, textarea')];
          const marks = [...document.querySelectorAll('ins, del')].filter(e => e.textContent.trim());
          return [
            ...controls.filter(e => seen(e) && !framed(e) && !drawn(e)),
            ...marks.filter(e => seen(e) && getComputedStyle(e).textDecorationLine === 'none'
              && ![...e.children].some(inner => getComputedStyle(inner).textDecorationLine !== 'none')),
          ].map(e => e.outerHTML.slice(0, 160));
        }"""
    )
    return found


def out_of_place_on_paper(page: Page) -> list[str]:
    """What cannot be used on paper, and whether it is dark."""
    found: list[str] = page.evaluate(
        """() => {
          const seen = e => e.checkVisibility() && e.getBoundingClientRect().width > 1;
          const useless = 'button, .button, nav, .skip, .tabs, .pagination, input[type=search]';
          const painted = [document.documentElement, document.body].map(e => getComputedStyle(e).backgroundColor);
          const dark = painted.filter(colour => !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(colour));
          return [...document.querySelectorAll(useless)].filter(seen).map(e => e.outerHTML.slice(0, 160)).concat(dark);
        }"""
    )
    return found


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Each with its rule, what it is about, and where."""
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{one['id']}: {node['failureSummary']} {node['html'][:200]}" for one in found for node in one["nodes"]]


def sideways(page: Page) -> list[str]:
    """What is wider than the screen, where the page would have to be scrolled for it."""
    return (
        page.evaluate(
            """() => {
          if (document.documentElement.scrollWidth <= window.innerWidth) return [];
          const wider = [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest('.table-scroll'));
          return wider.length ? wider.map(e => e.outerHTML.slice(0, 160)) : ['something in a table'];
        }"""
        )
        or []
    )
