"""Ours, before any other package of this name: one of our libraries brings its own."""
