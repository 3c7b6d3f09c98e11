"""Panels: what the animatic draws, from a panel's words to its film."""
