"""A comparison as a Word document with tracked changes: accepting all gives the new text, rejecting all the old one.

WordprocessingML (ISO/IEC 29500-1): w:ins and w:del around runs, and as marks of paragraphs and of table rows. A moved
passage is a deletion and an insertion: w:moveFrom and w:moveTo need ranges that word processors repair differently.
Paragraphs that were split or merged keep the breaks of the new text, and formatting is the new text's: only words are
tracked.
"""

# ruff: noqa: SLF001 - python-docx gives tracked changes no interface of their own

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from markdown_it.token import Token

from portal.web.markdown import block_tokens
from portal.web.redline.redline import Redline
from portal.web.redline.signs import stretches

INDENT = 0.8
_MARKS = {"strong_open": "bold", "em_open": "italic", "s_open": "strike"}


@dataclass(frozen=True, slots=True)
class Tracked:
    """Who the tracked changes are said to be by, and when (UTC)."""

    author: str
    at: datetime

    def mark(self, op: str, number: int) -> Any:
        element = OxmlElement(f"w:{op}")
        element.set(qn("w:id"), str(number))
        element.set(qn("w:author"), self.author)
        element.set(qn("w:date"), self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return element


def word_document(redline: Redline, *, title: str, tracked: Tracked, remarks: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a .docx. `title` stands in the header; `remarks` by change id become comments."""
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = title, tracked.author
    document.core_properties.created = document.core_properties.modified = tracked.at.astimezone(UTC).replace(
        tzinfo=None
    )
    document.sections[0].header.paragraphs[0].text = title
    by_number = {
        number: remarks[change.id]
        for number, change in enumerate(redline.comparison.changes)
        if remarks and change.id in remarks
    }
    _Writer(document, tracked, by_number).write(block_tokens(redline.exact.source))
    written = BytesIO()
    document.save(written)
    return written.getvalue()


class _Writer:
    """Walks the tokens of the text; `lists` holds the marker of each list it is inside of."""

    def __init__(self, document: Document, tracked: Tracked, remarks: Mapping[int, str]) -> None:
        self.document, self.tracked, self.remarks = document, tracked, remarks
        self.lists: list[str] = []
        self.quotes = 0
        self.marker = ""
        self.style = "Normal"
        self.table: Table | None = None
        self.column = 0
        self.marks = 0

    def write(self, tokens: list[Token]) -> None:
        for place, token in enumerate(tokens):
            self._step(token, tokens[place:])

    def _step(self, token: Token, ahead: list[Token]) -> None:
        kind = token.type
        if kind == "heading_open":
            self.style = f"Heading {token.tag[1]}"
        elif kind in ("heading_close", "paragraph_close"):
            self.style = "Normal"
        elif "list" in kind:
            self._of_list(token)
        elif kind in ("blockquote_open", "blockquote_close"):
            self.quotes += 1 if kind == "blockquote_open" else -1
        elif kind == "inline":
            self._inline(token)
        elif kind in ("fence", "code_block"):
            self._code(token)
        elif kind == "hr":
            self.document.add_paragraph("⁂").alignment = WD_PARAGRAPH_ALIGNMENT.CENTER
        else:
            self._of_table(kind, ahead)

    def _of_list(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._marker_alone()
            self.lists.append("")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            self.marker = f"{token.info}{token.markup}" if token.info else "•"
        else:
            self._marker_alone()

    def _of_table(self, kind: str, ahead: list[Token]) -> None:
        if kind == "table_open":
            columns = next(at for at, token in enumerate(ahead) if token.type == "tr_close")
            wide = sum(token.type == "th_open" for token in ahead[:columns])
            self.table = self.document.add_table(rows=0, cols=max(wide, 1), style="Table Grid")
        elif kind == "tr_open" and self.table is not None:
            self.table.add_row()  # type: ignore[no-untyped-call]
            self.column = 0
        elif kind == "tr_close" and self.table is not None:
            self._mark_row(self.table)
        elif kind == "table_close":
            self.table = None

    def _inline(self, token: Token) -> None:
        if self.table is not None:
            cells = self.table.rows[-1].cells
            paragraph = cells[min(self.column, len(cells) - 1)].paragraphs[0]
            self.column += 1
        else:
            paragraph = self._paragraph()
        _Line(self, paragraph).write(token.children or [])

    def _paragraph(self) -> Paragraph:
        paragraph = self.document.add_paragraph(style="Quote" if self.quotes and self.style == "Normal" else self.style)
        depth = len(self.lists) + self.quotes
        if depth:
            paragraph.paragraph_format.left_indent = Cm(INDENT * depth)
        if self.marker:
            paragraph.paragraph_format.first_line_indent = Cm(-INDENT)
            paragraph.add_run(f"{self.marker}\t")
            self.marker = ""
        return paragraph

    def _marker_alone(self) -> None:
        """An item without words of its own: its number may be all it says."""
        if self.marker:
            self._paragraph()

    def _code(self, token: Token) -> None:
        line = _Line(self, self._paragraph())
        line.look["code"] = True
        line.text(token.content.rstrip("\n"))
        line.close()

    def next_mark(self, op: str) -> Any:
        self.marks += 1
        return self.tracked.mark(op, self.marks)

    def _mark_row(self, table: Table) -> None:
        """A row whose cells were all added or all removed is tracked itself, else it would stay behind, empty."""
        row = table.rows[-1]
        ops = {op for cell in row.cells for paragraph in cell.paragraphs for op in _ops(paragraph)}
        if len(ops) == 1 and (op := ops.pop()):
            row._tr.get_or_add_trPr().append(self.next_mark(op))


class _Line:
    """Writes the words of one paragraph, each stretch as a run."""

    def __init__(self, writer: _Writer, paragraph: Paragraph) -> None:
        self.writer, self.paragraph = writer, paragraph
        self.look: dict[str, bool] = {}
        self.op = ""
        self.link = ""
        self.within: Any = None

    def write(self, children: list[Token]) -> None:
        for child in children:
            if child.type in ("text", "code_inline"):
                self.look["code"] = child.type == "code_inline"
                self.text(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                self.text(" " if child.type == "softbreak" else "\n")
            elif child.type in _MARKS:
                self.look[_MARKS[child.type]] = True
            elif child.type.replace("_close", "_open") in _MARKS:
                self.look[_MARKS[child.type.replace("_close", "_open")]] = False
            elif child.type == "link_open":
                self._open_link(str(child.attrs.get("href", "")))
            elif child.type == "link_close":
                self.within = None
            elif child.type == "image":
                self.write(child.children or [])
            elif child.type == "footnote_ref":
                self.text(f"[{child.meta['id'] + 1}]")
        self.close()

    def text(self, words: str) -> None:
        for stretch in stretches(words, self.op):
            self.op = stretch.op
            if stretch.text:
                self._run(stretch.text)
            if stretch.number is not None and (remark := self.writer.remarks.get(stretch.number)):
                run = self.paragraph.add_run("")
                self.writer.document.add_comment(run, remark, author=self.writer.tracked.author, initials="")

    def _run(self, words: str) -> None:
        run = self.paragraph.add_run(words)
        run.bold, run.italic = self.look.get("bold") or None, self.look.get("italic") or None
        run.font.strike = self.look.get("strike") or None
        if self.look.get("code"):
            run.font.name, run.font.size = "Courier New", Pt(9.5)
        element = run._r
        if self.op == "del":
            for text in element.findall(qn("w:t")):
                text.tag = qn("w:delText")
        parent = self.within if self.within is not None else self.paragraph._p
        if self.op:
            mark = self.writer.next_mark(self.op)
            mark.append(element)
            parent.append(mark)
        elif self.within is not None:
            parent.append(element)

    def _open_link(self, target: str) -> None:
        if not target.startswith(("http://", "https://", "mailto:")):
            return
        name = self.paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        self.within = OxmlElement("w:hyperlink")
        self.within.set(qn("r:id"), name)
        self.paragraph._p.append(self.within)

    def close(self) -> None:
        """A paragraph that was added or removed as a whole is tracked itself, else an empty one would stay behind."""
        ops = _ops(self.paragraph)
        if len(ops) == 1 and (op := next(iter(ops))):
            properties = self.paragraph._p.get_or_add_pPr()
            marks = properties.find(qn("w:rPr"))
            if marks is None:
                marks = OxmlElement("w:rPr")
                properties.append(marks)
            marks.insert(0, self.writer.next_mark(op))
            self._mark_marker(op)

    def _mark_marker(self, op: str) -> None:
        """The bullet or number goes with its paragraph."""
        for run in list(self.paragraph._p.findall(qn("w:r"))):
            if run.find(qn("w:t")) is not None:
                mark = self.writer.next_mark(op)
                run.addprevious(mark)
                if op == "del":
                    for text in run.findall(qn("w:t")):
                        text.tag = qn("w:delText")
                mark.append(run)


def _ops(paragraph: Paragraph) -> set[str]:
    """What the words of a paragraph were: "ins", "del", or "" for kept ones. A list's marker is no word."""
    found = set()
    for element in paragraph._p.iter(qn("w:t"), qn("w:delText")):
        above = [one.tag for one in element.iterancestors()]
        marker = element.getparent().find(qn("w:tab")) is not None
        if (element.text or "").strip() and not marker:
            found.add("ins" if qn("w:ins") in above else "del" if qn("w:del") in above else "")
    return found
