"""Public holidays of a country or region, from the `holidays` library's tables."""

from datetime import date
from functools import cache

import holidays
from holidays import HolidayBase


def holidays_known(region: str) -> bool:
    """Whether `region` (`DE`, `DE-BY`: ISO 3166-1 country, ISO 3166-2 subdivision) has a table of holidays."""
    country, _, subdivision = region.partition("-")
    supported = holidays.list_supported_countries()
    return country in supported and (not subdivision or subdivision in supported[country])


def is_holiday(day: date, region: str | None) -> bool:
    """Whether the local date is a public holiday there. No region, no holidays."""
    return region is not None and day in _table(region)


@cache
def _table(region: str) -> HolidayBase:
    country, _, subdivision = region.partition("-")
    return holidays.country_holidays(country, subdiv=subdivision or None)
