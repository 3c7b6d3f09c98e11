"""Back ends: what turns requests into frames."""
