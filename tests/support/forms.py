"""Forms as a browser sends them: every field as the page filled it in, but for what the test types."""

from collections.abc import Mapping
from html.parser import HTMLParser

Typed = str | list[str]


class _Forms(HTMLParser):
    """Collects (name, value) of every form, by its address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self.fields: list[tuple[str, str]] | None = None
        self.select = self.area = ""
        self.chosen = ""
        self.written: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.fields = self.forms.setdefault(given.get("action", ""), [])
        elif self.fields is not None and tag == "input" and given.get("name"):
            kind = given.get("type", "text")
            if kind == "file" or (kind in ("checkbox", "radio") and "checked" not in given):
                return
            self.fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self.select, self.chosen = given.get("name", ""), ""
        elif tag == "option" and self.select and ("selected" in given or not self.chosen):
            self.chosen = given.get("value", "") if "selected" in given else self.chosen
        elif tag == "textarea":
            self.area, self.written = given.get("name", ""), []

    def handle_data(self, data: str) -> None:
        if self.area:
            self.written.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.fields = None
        elif tag == "select" and self.fields is not None:
            self.fields.append((self.select, self.chosen))
            self.select = ""
        elif tag == "textarea" and self.area:
            text = "".join(self.written).removeprefix("\n")
            if self.fields is not None:
                self.fields.append((self.area, text.replace("\n", "\r\n")))
            self.area = ""


def form_on(page: str, action: str, typed: Mapping[str, Typed] | None = None, **more: Typed) -> dict[str, list[str]]:
    """What a browser would send from the page's form to `action`, with some fields typed anew; [] leaves one out.

    `typed` is for names that are no Python names.
    """
    reader = _Forms()
    reader.feed(page)
    assert action in reader.forms, f"no form to {action}, only to {sorted(reader.forms)}"
    sent: dict[str, list[str]] = {}
    for name, value in reader.forms[action]:
        sent.setdefault(name, []).append(value)
    for name, anew in {**(typed or {}), **more}.items():
        sent[name] = [anew] if isinstance(anew, str) else anew
    return sent
