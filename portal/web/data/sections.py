"""The lists of the download, in their order."""

from collections.abc import AsyncIterator, Callable

from portal.web.data import answered, entered, recorded, told
from portal.web.data.schema import Part
from portal.web.data.whose import Whose

SECTIONS: tuple[tuple[str, Callable[[Whose], AsyncIterator[Part]]], ...] = (
    ("profiles", told.profiles),
    ("addresses", told.addresses),
    ("address_changes", told.address_changes),
    ("memberships", told.memberships),
    ("terms", told.terms),
    ("notices", told.notices),
    ("objections", answered.objections),
    ("declarations", answered.declarations),
    ("consents", answered.consents),
    ("opt_outs", answered.opt_outs),
    ("requests", answered.requests),
    ("submissions", entered.submissions),
    ("closures", answered.closures),
    ("sign_ins", recorded.sign_ins),
    ("mails", recorded.mails),
    ("returned_mails", recorded.returned_mails),
    ("events", recorded.events),
)
