"""What may stand in an address: a number that a database's column can hold, else there is no such page."""

from starlette.convertors import IntegerConvertor, register_url_convertor


class ColumnNumber(IntegerConvertor):
    regex = "[0-9]{1,18}"


def use_column_numbers() -> None:
    """Makes `{…:int}` in routes mean that; without it a number of thirty digits would be a failure, not a 404."""
    register_url_convertor("int", ColumnNumber())
