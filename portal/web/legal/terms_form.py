"""Notice terms and treatments as typed into a form, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from portal.actions.purposes import Defaults
from portal.rules.errors import Malformed
from portal.rules.policy import Channel, DayCount, NoticeTerms, Treatment, treatments_from_json
from portal.store.policies import Purpose
from portal.web.text import gettext as _
from portal.web.text import ngettext

TREATMENT = "treatment-"
UNUSED = "none"
Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """What the fields hold, valid or not."""

    channels: list[str]
    objection_days: str
    day_count: str
    zone: str
    holidays: str
    treatments: dict[str, str]
    told_of: list[str]

    @classmethod
    def of(cls, terms: Mapping[str, Any], treatments: Mapping[str, str], told_of: Sequence[str]) -> "TypedTerms":
        """As stored in a policy or a draft."""
        return cls(
            channels=list(terms["channels"]),
            objection_days=str(terms["objection_days"]),
            day_count=terms["day_count"],
            zone=terms["zone"],
            holidays=terms.get("holidays") or "",
            treatments=dict(treatments),
            told_of=list(told_of),
        )

    @classmethod
    def sent(cls, form: FormData) -> "TypedTerms":
        """As typed."""

        def text(name: str) -> str:
            return str(form.get(name, "")).strip()

        names = [name for name in form if name.startswith(TREATMENT)]
        return cls(
            channels=[Channel.SITE, *(str(channel) for channel in form.getlist("channels") if channel != Channel.SITE)],
            objection_days=text("objection_days"),
            day_count=text("day_count"),
            zone=text("zone"),
            holidays=text("holidays"),
            treatments={name.removeprefix(TREATMENT): text(name) for name in names if text(name) not in ("", UNUSED)},
            told_of=[str(key) for key in form.getlist("told_of")],
        )

    def read(self) -> tuple[Defaults | None, dict[str, str]]:
        """The terms, or a sentence for each field that is not in order."""
        errors: dict[str, str] = {}
        for name, given in self._given().items():
            try:
                NoticeTerms.from_json({name: given})
            except Malformed as wrong:
                errors[name] = _sentence(name, wrong)
        for key, how in self.treatments.items():
            if how not in list(Treatment):
                errors[TREATMENT + key] = _("Choose one of the options.")
        if untreated := set(self.told_of) - set(self.treatments):
            errors["told_of"] = _("Not used in this policy: %(purposes)s.", purposes=", ".join(sorted(untreated)))
        if errors:
            return None, errors
        terms = NoticeTerms.from_json(self._given())
        return Defaults(terms, treatments_from_json(self.treatments), tuple(sorted(self.told_of))), {}

    def _given(self) -> dict[str, object]:
        days = int(self.objection_days) if self.objection_days.isascii() and self.objection_days.isdigit() else -1
        given: dict[str, object] = {
            "channels": self.channels,
            "objection_days": days,
            "day_count": self.day_count,
            "zone": self.zone,
        }
        return given | ({"holidays": self.holidays} if self.holidays else {})


def _sentence(name: str, wrong: Malformed) -> str:
    sentences = {
        "channels": _("Choose among the site, the account and mail."),
        "objection_days": _("Enter 0, or 10 days or more."),
        "day_count": _("Choose how the days are counted."),
        "zone": _("Enter a time zone such as Europe/Berlin."),
        "holidays": _("Enter a country or region with known holidays, such as DE or DE-BE."),
    }
    return sentences.get(name, wrong.message)


def terms_in_words(terms: NoticeTerms) -> list[Row]:
    """Notice terms as rows of a list."""
    return [
        (_("Told"), _channels(terms)),
        (
            _("In effect"),
            _("the later of posting and the member’s mail server taking the notice")
            if terms.by_email
            else _("with the posting, for everybody"),
        ),
        (_("Right to object"), _right(terms)),
    ]


def treatment_in_words(treatment: str) -> str:
    """What an objection to such a purpose means."""
    words = {
        Treatment.SEPARABLE: _(
            "It freezes: what was collected stays under the version before, the account stays open."
        ),
        Treatment.INSEPARABLE: _("It closes the account."),
        Treatment.OPT_IN: _("There is nothing to object to: only a consent lets the change reach existing data."),
    }
    return words[Treatment(treatment)]


def treatments_in_short(treatments: Mapping[str, str], titles: Mapping[str, str]) -> list[Row]:
    """The purposes of each treatment, as rows of a list."""
    words = {
        Treatment.SEPARABLE: _("An objection freezes"),
        Treatment.INSEPARABLE: _("An objection closes the account"),
        Treatment.OPT_IN: _("Only with consent"),
    }
    named = {how: sorted(titles.get(key, key) for key, one in treatments.items() if one == how) for how in words}
    return [(words[how], ", ".join(names)) for how, names in named.items() if names]


def purposes_in_words(
    treatments: Mapping[str, str], told_of: Sequence[str], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {"key": key, "title": titles.get(key, key), "means": treatment_in_words(how), "told_of": key in told_of}
        for key, how in sorted(treatments.items(), key=lambda pair: titles.get(pair[0], pair[0]))
    ]


async def purpose_fields() -> list[dict[str, Any]]:
    """Every purpose of the company, as the fields of treatments want them."""
    return [
        {"key": row.key, "title": row.title, "about": row.about, "option": (row.key, row.title)}
        for row in await Purpose.all().order_by("title")
    ]


def _channels(terms: NoticeTerms) -> str:
    names = {Channel.SITE: _("on the site"), Channel.ACCOUNT: _("in the account"), Channel.EMAIL: _("by mail")}
    return ", ".join(names[channel] for channel in Channel if channel in terms.channels)


def _right(terms: NoticeTerms) -> str:
    if not terms.may_object:
        return _("none")
    count = terms.objection_days
    if terms.day_count is DayCount.ELAPSED:
        return ngettext("%(num)s day of 24 hours", "%(num)s days of 24 hours", count)
    words = ngettext("%(num)s day, counted in %(zone)s", "%(num)s days, counted in %(zone)s", count, zone=terms.zone)
    if terms.day_count is DayCount.WORKING:
        words += _("; a last day on a weekend or holiday moves on")
        words += f" ({terms.holidays})" if terms.holidays else ""
    return words
