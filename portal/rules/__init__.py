"""The rules of change, as pure functions: values in, values out; no clock, no I/O, no framework.

`docs/rules.md` is the text they follow; `tests/rules/vectors/` are worked answers to it.
"""
