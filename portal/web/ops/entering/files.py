"""The files of a form that ops sent: looked at by what is in them, before anything is written."""

from starlette.datastructures import FormData, UploadFile

from portal.actions.submitted_file import Examined, examined
from portal.rules.errors import RuleBroken
from portal.store.submissions import MOST_FILES
from portal.web.text import gettext as _

NAME = "files"
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.txt,.eml"
"""For the browser's own choice of files; what counts is what is in them."""


async def files_on(form: FormData) -> list[Examined]:
    """Those that were chosen. Raises RuleBroken with the field `files`, in words for the page."""
    chosen = [one for one in form.getlist(NAME) if isinstance(one, UploadFile) and one.filename]
    try:
        return await examined([(one.filename or "", one) for one in chosen])
    except RuleBroken as broken:
        raise RuleBroken(broken.code, f"{_words(broken)} {_again()}", field=NAME) from broken


def _words(broken: RuleBroken) -> str:
    name = broken.facts.get("name", "")
    match broken.code:
        case "too_many_files":
            return _("Choose at most %(number)s files.", number=MOST_FILES)
        case "file_empty":
            return _("“%(name)s” is empty.", name=name)
        case "file_too_large":
            return _("“%(name)s” is larger than 10 MB.", name=name)
        case "file_twice":
            return _("“%(name)s” was chosen twice, or has the same content as another one.", name=name)
        case _:
            return _(
                "“%(name)s” is none of these: PDF, PNG, JPEG, TIFF, a mail (.eml), plain text in UTF-8.", name=name
            )


def _again() -> str:
    return _("Nothing was entered. Choose the files again: a browser does not keep them.")
