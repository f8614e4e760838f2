"""Reading forms: typed values out of what was sent, or a sentence for each field that says how to put it right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.web.limits import body_limit
from portal.web.text import gettext as _
from portal.web.text import later

Model = TypeVar("Model", bound=BaseModel)
MOST_FIELDS = 5_000
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

# By pydantic's names of what is wrong; the values are pydantic's too.
MESSAGES = {
    "missing": later("Fill this in."),
    "string_too_long": later("Use at most %(max_length)s characters."),
    "string_too_short": later("Use at least %(min_length)s characters."),
    "int_parsing": later("Enter a whole number."),
    "int_from_float": later("Enter a whole number."),
    "greater_than_equal": later("Enter %(ge)s or more."),
    "less_than_equal": later("Enter %(le)s or less."),
    "enum": later("Choose one of the options."),
    "literal_error": later("Choose one of the options."),
    "too_short": later("Choose at least one."),
    "datetime_parsing": later("Enter a date such as 2026-03-22."),
    "datetime_from_date_parsing": later("Enter a date such as 2026-03-22."),
    "date_parsing": later("Enter a date such as 2026-03-22."),
    "date_from_datetime_parsing": later("Enter a date such as 2026-03-22."),
}


@dataclass(frozen=True)
class Read(Generic[Model]):
    """A form as it was read: `values` when everything is in order, else `errors`; `given` is what to show again."""

    values: Model | None
    errors: dict[str, str]
    given: dict[str, Any] = field(default_factory=dict)


async def form_of(request: Request) -> FormData:
    """The fields that were sent. HTTPException 415 for another kind of body, 413 for one that is too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in FORM_TYPES:
        raise HTTPException(415)
    limit = body_limit(request.url.path)
    return await request.form(max_files=20, max_fields=MOST_FIELDS, max_part_size=limit)


async def read(request: Request, model: type[Model], lists: tuple[str, ...] = ()) -> Read[Model]:
    """Reads the form into the model. Fields named in `lists` may be sent several times and are lists.

    Text is stripped of blanks at its ends, a field that was left empty counts as not sent.
    """
    return checked(fields_of(await form_of(request), lists), model)


def fields_of(form: FormData, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    """Name -> text, or list of texts; uploads are left out, see `file_of`."""
    given: dict[str, Any] = {name: [] for name in lists}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            continue
        text = value.replace("\0", "\ufffd").strip()  # PostgreSQL has no text with a NUL
        if name in lists:
            given[name].append(text)
        else:
            given[name] = text
    return given


def checked(given: Mapping[str, Any], model: type[Model]) -> Read[Model]:
    """The same for fields that were read already."""
    try:
        filled = {name: value for name, value in given.items() if value != ""}
        return Read(model.model_validate(filled), {}, dict(given))
    except ValidationError as error:
        return Read(None, _messages(error.errors(include_url=False)), dict(given))


async def file_of(request: Request, name: str) -> tuple[str, bytes] | None:
    """An uploaded file's name and bytes; None where none was chosen."""
    upload = (await form_of(request)).get(name)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return None
    return upload.filename, await upload.read()


def _messages(errors: list[ErrorDetails]) -> dict[str, str]:
    found: dict[str, str] = {}
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else ""
        found.setdefault(name, _message(error))
    return found


def _message(error: ErrorDetails) -> str:
    """A sentence of ours for what happens often; a model's own ValueError says its sentence itself."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return _(str(context.get("error", error["msg"])))
    if error["type"] in MESSAGES:
        return _(MESSAGES[error["type"]], **context) if context else _(MESSAGES[error["type"]])
    return _("This is not in order: %(why)s.", why=error["msg"])
