"""A self-hosted portal for notices of policy changes and the objections to them."""

__version__ = "0.1.0"
