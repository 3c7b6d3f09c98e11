"""A podcast clip with captions, from real footage: no agent, no model, only the editing room.

Needs: pip install reelgraph. By default it draws a short recording of its own, so that it runs with no files.
For a recording of yours, name it and its captions: python examples/podcast_clip.py FOLDER talk.mp4 talk.srt

    python examples/podcast_clip.py [PROJECT-FOLDER] [RECORDING] [CAPTIONS.srt]
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from reelgraph.video_tools.editing.assemble import assemble
from reelgraph.video_tools.editing.media import encode_picture

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "film-project")
folder.mkdir(parents=True, exist_ok=True)
if len(sys.argv) > 3:
    recording, captions = Path(sys.argv[2]), Path(sys.argv[3])
else:
    recording, captions = folder / "recording.mp4", folder / "recording.srt"
    y, x = np.mgrid[0:180, 0:320]
    waves = (np.sin(x / 9 + n / 3) * np.cos(y / 40) for n in range(72))
    encode_picture(
        (np.repeat((128 + 60 * wave)[..., None], 3, axis=2).astype(np.uint8) for wave in waves),
        recording,
        rate=Fraction(24),
    )
    captions.write_text(
        "1\n00:00:00,200 --> 00:00:01,400\nSo what did the sea say?\n\n"
        "2\n00:00:01,600 --> 00:00:02,900\nIt said: bring the boat in.\n",
        encoding="utf-8",
    )

made = assemble(
    [recording],
    folder / "clip.mp4",
    cache=folder / "render",
    title="The Harbour Hour",
    captions=captions,
    burn_captions=True,
    loudness=-16.0,
)
for note in made.notes:
    print(note)
print(folder / "clip.mp4")
