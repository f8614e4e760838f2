"""Measurements of the portal against named peers, each in one run on the same data: `manage.py bench`."""
