"""What the host remembers, which has nothing to do with reelgraph's memory."""


class Archive:
    """Headlines and their films."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    def add(self, headline: str, film: str) -> int:
        """Keep one, and return how many there are."""
        self.entries.append((headline, film))
        return len(self.entries)
