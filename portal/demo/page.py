"""An answer as a browser without scripts has it: words, links, and forms to fill in."""

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import NamedTuple

UNSEEN = frozenset({"script", "style", "title", "template"})
# These end a word; what is inside of a line does not.
INLINE = frozenset({"a", "abbr", "b", "bdi", "code", "del", "em", "i", "ins", "mark", "q", "span", "strong", "time"})


class NotOnThePage(LookupError):
    """A link, form, field or option that the page does not have. Its text says which, and what there is."""


class Option(NamedTuple):
    """A value that can be sent, and whether it is without doing anything."""

    value: str
    chosen: bool
    label: str = ""


class Link(NamedTuple):
    label: str
    href: str


class Button(NamedTuple):
    label: str
    name: str
    value: str
    action: str


@dataclass(slots=True)
class Control:
    """Whatever has a name. `options`: what can be chosen from; else the `texts` are sent."""

    name: str
    kind: str
    texts: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)

    @property
    def sent(self) -> list[str]:
        """What a browser sends if nobody touches it."""
        if self.kind == "file":
            return []
        if self.kind not in ("checkbox", "radio", "select"):
            return self.texts
        chosen = [option.value for option in self.options if option.chosen]
        return chosen or ([self.options[0].value] if self.kind == "select" and self.options else [])


@dataclass(slots=True)
class Form:
    """A form with its controls in the page's order."""

    action: str
    method: str
    multipart: bool
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def button(self, label: str) -> Button | None:
        """The first button with these words in its label."""
        return next((button for button in self.buttons if label in button.label), None)

    def control(self, name: str) -> Control:
        """Raises NotOnThePage."""
        if name not in self.controls:
            raise NotOnThePage(f"no field {name!r} in the form {self.action}: {', '.join(self.controls)}")
        return self.controls[name]

    def filled(self, values: dict[str, str | list[str]], button: Button) -> list[tuple[str, str]]:
        """What is sent: every control as it stands, or with the given value. May raise NotOnThePage."""
        for name, value in values.items():
            offered = {option.value for option in self.control(name).options}
            impossible = set([value] if isinstance(value, str) else value) - offered
            if offered and impossible:
                raise NotOnThePage(f"{name!r} does not offer {impossible}: {offered}")
        sent: list[tuple[str, str]] = []
        for control in self.controls.values():
            given = values.get(control.name, control.sent)
            sent += [(control.name, value) for value in ([given] if isinstance(given, str) else given)]
        return [*sent, (button.name, button.value)] if button.name else sent


@dataclass(frozen=True)
class Page:
    """`url` is where it was found after redirects, without the site's name."""

    url: str
    status: int
    html: str

    @cached_property
    def _read(self) -> "_Reader":
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        return reader

    @cached_property
    def words(self) -> str:
        """Everything that can be read, in one line."""
        return " ".join("".join(self._read.words).split())

    @property
    def heading(self) -> str:
        return self._read.heading

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def links(self) -> list[Link]:
        return self._read.links

    def link(self, label: str) -> str:
        """Where the first link leads whose label holds these words. Raises NotOnThePage."""
        for link in self.links:
            if label in link.label:
                return link.href
        raise NotOnThePage(f"no link {label!r} on {self.url}: {[link.label for link in self.links]}")

    def form(self, label: str) -> tuple[Form, Button]:
        """The form that has a button with these words, and the button. Raises NotOnThePage."""
        for form in self.forms:
            if button := form.button(label):
                return form, button
        there = [button.label for form in self.forms for button in form.buttons]
        raise NotOnThePage(f"no button {label!r} on {self.url} ({self.status}, {self.heading!r}): {there}")


class _Reader(HTMLParser):
    """Collects while it is fed."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self.heading = ""
        self._unseen = 0
        self._form: Form | None = None
        self._select: Control | None = None
        self._open: list[tuple[str, dict[str, str], int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._unseen += tag in UNSEEN
        if tag not in INLINE:
            self.words.append(" ")
        if tag == "form":
            multipart = given.get("enctype") == "multipart/form-data"
            self._form = Form(given.get("action", ""), given.get("method", "get").lower(), multipart)
            self.forms.append(self._form)
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select = self._control(given["name"], "select")
        if tag in ("a", "button", "h1", "option", "textarea"):
            self._open.append((tag, given, len(self.words)))

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        if self._open and self._open[-1][0] == tag:
            _, given, start = self._open.pop()
            self._ended(tag, given, "".join(self.words[start:]))
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)

    def _ended(self, tag: str, given: dict[str, str], inside: str) -> None:
        label = " ".join(inside.split())
        if tag == "h1":
            self.heading = label
        elif tag == "a" and "href" in given:
            self.links.append(Link(label, given["href"]))
        elif tag == "button" and self._form is not None:
            button = Button(label, given.get("name", ""), given.get("value", ""), given.get("formaction", ""))
            self._form.buttons.append(button)
        elif tag == "option" and self._select is not None:
            self._select.options.append(Option(given.get("value", label), "selected" in given, label))
        elif tag == "textarea" and self._form is not None:
            # The parser of HTML eats the first line feed.
            self._control(given["name"], tag).texts.append(inside.removeprefix("\n"))

    def _input(self, given: dict[str, str]) -> None:
        if self._form is None or not given.get("name"):
            return
        kind = given.get("type", "text")
        control = self._control(given["name"], kind)
        if kind in ("checkbox", "radio"):
            control.options.append(Option(given.get("value", "on"), "checked" in given))
        else:
            control.texts.append(given.get("value", ""))

    def _control(self, name: str, kind: str) -> Control:
        if self._form is None:
            return Control(name, kind)
        return self._form.controls.setdefault(name, Control(name, kind))
