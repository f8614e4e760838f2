"""Public, member, legal, ops and staff pages: parse, call one action or query, render."""
