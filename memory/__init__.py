"""Memory of past shots and of the bible, in Chroma."""
