"""Find what a brief says of the film's music."""

import re

from reelgraph.video_tools.film import Brief

# A line of its own that begins with the label, bare, in a list, or in bold; or a sentence that does.
_LABEL = r"(?:background )?(?:music|score|soundtrack)[*_ \t]*:[*_ \t]*"
_LINE = re.compile(rf"^[ \t>*_-]*{_LABEL}(\S.*?)[*_ \t]*$|(?<=[.!?] ){_LABEL}(\S[^.!?\n]*)", re.I | re.M)


def music_in(brief: Brief) -> str:
    """Return the words for the music under the whole film, as prose or Markdown says them; empty where it says none."""
    if brief.form not in ("prose", "markdown"):
        return ""
    return " ".join(found[1] or found[2] for found in _LINE.finditer(brief.text))
