"""The staff's own pages: signing in and out, sessions, people and their roles, tokens for the company's systems."""
