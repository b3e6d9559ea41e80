"""Collecting: sources are watched by spiders, files are imported; raw posts are stored and nothing is decided."""
