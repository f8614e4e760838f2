"""Bounds of a comparison, all of them counts: a clock would make the result depend on the machine's load."""

MAX_BYTES = 1_000_000
"""A text above this size (UTF-8) is refused."""

MAX_BLOCKS = 10_000
"""A text of more blocks is refused."""

MAX_BLOCK_CHARS = 65_536
"""A block above this size is compared as a whole, not by its words; the result is marked as degraded."""

MAX_GAP_CELLS = 1_000_000
"""A gap of more old × new blocks is aligned by equality alone; the result is marked as degraded."""

MAX_TOKEN_CELLS = 400_000_000
"""A pair of units of more old × new words is compared as a whole; the result is marked as degraded."""

MAX_GAP_TOKEN_CELLS = 4_000_000_000
"""A gap of more old × new words is aligned by equality alone; the result is marked as degraded."""

MAX_KEPT_PAIRS = 400
"""A gap of more old × new blocks that found no partner is not searched for kept sentences."""

MAX_SIGN_CELLS = 10_000
"""A pair of units of more old × new words is compared by rapidfuzz, whose time does not grow with what differs; a
smaller one, nine of ten in real policies, by diff-match-patch. Both find a smallest script (decision 0011)."""
