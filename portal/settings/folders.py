"""Where files of the portal itself lie."""

from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """`templates` or `static`: of the checkout, or as the wheel carries them."""
    in_checkout = HERE.parent / name
    return in_checkout if in_checkout.is_dir() else HERE / "_data" / name
