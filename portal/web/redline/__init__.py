"""Changes as readers see them: rendered text with what was removed and what was added, whole or one by one."""

from portal.web.redline.redline import Redline, Shown, redline_of
from portal.web.redline.sides import SideRow

__all__ = ["Redline", "Shown", "SideRow", "redline_of"]
