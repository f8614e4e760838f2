"""The rules of change, as pure functions: values in, values out; no clock, no I/O, no framework.

`docs/rules.md` is the text they follow; `tests/rules/vectors/` are worked answers to it.
"""

import zoneinfo

# Deadlines by the pinned tzdata package alone: the machine's own tables may be older (docs/decisions/0009).
zoneinfo.reset_tzpath(())
