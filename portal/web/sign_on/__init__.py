"""Signing in through the company's own site: OpenID Connect, and hand-over tokens."""
