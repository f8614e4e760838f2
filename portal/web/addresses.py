"""What may stand in an address: no number larger than a column can hold, and no text that it cannot."""

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from portal.web.errors import error_answer


class ColumnNumber(IntegerConvertor):
    regex = "[0-9]{1,18}"


def use_column_numbers() -> None:
    """Makes `{…:int}` in routes mean that; without it a number of thirty digits would be a failure, not a 404."""
    register_url_convertor("int", ColumnNumber())


class PlainAddress:
    """Refuses an address with a NUL in it, which PostgreSQL has no text for; browsers send none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            await error_answer(Request(scope), 400)(scope, receive, send)
            return
        await self.app(scope, receive, send)
