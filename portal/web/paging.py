"""Long lists, a page at a time."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams


@dataclass(frozen=True, slots=True)
class Paging:
    """Page `page` of `pages`, both from 1; the rows are those from `first` up to `last`, which is not among them."""

    page: int
    pages: int
    size: int

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size

    @property
    def last(self) -> int:
        return self.first + self.size


def paging(query: QueryParams, total: int, size: int = 50) -> Paging:
    """The page that `?page=` names; the nearest one there is, where it names none."""
    pages = max(1, -(-total // size))
    asked = query.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    return Paging(min(max(number, 1), pages), pages, size)
