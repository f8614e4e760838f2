"""Links in the mails that the application really sent."""

from starlette.applications import Starlette

from portal.demo.letterbox import Letter, Letterbox
from portal.mail.catcher import Catcher

BASE = "http://127.0.0.1:8000"


async def newest(app: Starlette, catcher: Catcher, address: str) -> Letter:
    """The newest mail to the address, once all that is due has been sent. Raises LookupError."""
    await app.state.jobs.idle()
    return Letterbox(catcher.folder).newest(address)


async def mailed_link(app: Starlette, catcher: Catcher, address: str, path: str) -> str:
    """The path of the first link of that kind in it: `/address/…`."""
    return (await newest(app, catcher, address)).link(path).removeprefix(BASE)
