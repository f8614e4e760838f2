"""What a page says: its words and those of its attributes, without what is marked as another language or as code."""

from html.parser import HTMLParser

SAID = ("aria-label", "title", "alt", "placeholder")
SILENT = ("style", "script", "code", "time", "del", "ins", "textarea")
VOID = ("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


class _Reader(HTMLParser):
    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__(convert_charrefs=True)
        self.classes = classes
        self.page_language = ""
        self.left_out: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.page_language = given.get("lang", "")
        other = given.get("lang", self.page_language) != self.page_language
        out = tag in SILENT or other or bool(set(given.get("class", "").split()) & set(self.classes))
        if not (out or any(self.left_out)):
            self.found += [given[name] for name in SAID if given.get(name)]
        if tag not in VOID:
            self.left_out.append(out)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.left_out:
            self.left_out.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.left_out):
            self.found.append(data)


def visible(html: str, *without: str) -> str:
    """A line for each piece. `without`: classes of elements that are left out."""
    reader = _Reader(without)
    reader.feed(html)
    return "\n".join(" ".join(piece.split()) for piece in reader.found if piece.strip())
