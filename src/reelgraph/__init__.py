"""A video agent: plan a film, shoot it, cut it, check it, and shoot again only what a note names."""

__version__ = "0.1.0"
