"""Find what a brief says of the film's music."""

import re

from reelgraph.video_tools.film import Brief, Storyboard

# A line of its own that begins with the label, bare, in a list, or in bold.
_LINE = re.compile(
    r"^[ \t>*_-]*(?:background )?(?:music|score|soundtrack)[*_ \t]*:[*_ \t]*(\S.*?)[*_ \t]*$", re.I | re.M
)
_MOST = Storyboard.model_fields["music"].metadata[0].max_length


def music_in(brief: Brief) -> str:
    """Return the words for the music under the whole film, as prose or Markdown says them; empty where it says none."""
    if brief.form not in ("prose", "markdown"):
        return ""
    return " ".join(found[1] for found in _LINE.finditer(brief.text))[:_MOST]
