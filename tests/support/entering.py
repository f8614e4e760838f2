"""What ops enter, as a browser sends it: the form, the page with what would follow, the button; and files to add."""

from collections.abc import Sequence
from typing import Any

from httpx2 import AsyncClient, Response

from portal.store.submissions import Submission
from tests.support.forms import Typed, form_on

BY_LETTER = {"asked_by": "member", "way": "letter", "day": "2026-03-02", "note": "Letter of 28 February, folder 12"}
REASON = "Called the number in the contract, spoke to the owner."
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
MAIL = b"From: Maria <maria@example.org>\r\nDate: Sat, 28 Feb 2026 10:00:00 +0100\r\nSubject: No\r\n\r\nI object.\r\n"
SCAN = ("letter.pdf", PDF, "application/pdf")

File = tuple[str, bytes, str]


async def second_page(browser: AsyncClient, address: str, **typed: Typed) -> Response:
    """What the form leads to."""
    page = await browser.get(address)
    assert page.status_code == 200, page.text
    return await browser.post(address, data=form_on(page.text, address, {**BY_LETTER, **typed}))


async def entered(browser: AsyncClient, address: str, files: Sequence[File] = (), **typed: Typed) -> Response:
    """The answer to the button of the second page."""
    review = await second_page(browser, address, **typed)
    assert review.status_code == 200, review.text
    return await pressed(browser, address, review.text, files)


async def pressed(browser: AsyncClient, address: str, page: str, files: Sequence[File] = ()) -> Response:
    """The button of the second page that says to enter it."""
    sent: Any = [("files", file) for file in files] or [("files", ("", b"", "application/octet-stream"))]
    return await browser.post(address, data=form_on(page, address, step="enter"), files=sent)


async def submission_after(answer: Response) -> Submission:
    """The submission to which the answer leads."""
    assert answer.status_code == 303, answer.text
    row_id = answer.headers["location"].removeprefix("/staff/submissions/")
    return await Submission.get(id=int(row_id)).select_related("reference")
