"""Style sheets and pictures: addresses that change with the content, so that browsers may keep them for a year."""

import hashlib
import mimetypes
import os
from functools import cache
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from portal.settings import folder

STATIC = folder("static")
FOR_A_YEAR = "public, max-age=31536000, immutable"
# What pages of the company's own site may load from here, also with an `integrity`, which asks for the second of these.
FOR_OTHER_SITES = ("notice-banner.js", "notice-banner.css")
TAKEN_ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}

# What a machine's own tables say varies, and browsers are told not to guess.
for ending, kind in {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}.items():
    mimetypes.add_type(kind, f".{ending}")


@cache
def static(name: str) -> str:
    """The address of a file of the folder `static`, with its digest."""
    return f"/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


class Assets(StaticFiles):
    """The folder `static`; what is asked for with its present digest, or is named by its version, may be kept."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = os.path.relpath(full_path, STATIC)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        kept = asked == _digest(name) or name.startswith("vendor/")
        response.headers["Cache-Control"] = FOR_A_YEAR if kept else "no-cache"
        if name in FOR_OTHER_SITES:
            response.headers.update(TAKEN_ELSEWHERE)
        return response
