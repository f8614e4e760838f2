"""Public holidays of a country or region, from the `holidays` library's tables."""

import warnings
from datetime import date
from functools import cache

import holidays


def holidays_known(region: str) -> bool:
    """Whether `region` (`DE`, `DE-BY`: ISO 3166-1 country, ISO 3166-2 subdivision) has a table of holidays."""
    country, dash, subdivision = region.partition("-")
    supported = holidays.list_supported_countries()
    return country in supported and (not dash or subdivision in supported[country])


def is_holiday(day: date, region: str | None) -> bool:
    """Whether the local date is a public holiday there. No region, no holidays."""
    return region is not None and day in _public_holidays(region, day.year)


@cache
def _public_holidays(region: str, year: int) -> frozenset[date]:
    """The table of one year. Years that a country's table does not reach (India: 2001 to 2035) have what is known."""
    country, _, subdivision = region.partition("-")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Requested Holidays are available only from")
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
