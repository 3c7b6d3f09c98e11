"""A podcast clip with captions, from real footage: no agent, no model, only the editing room.

Needs: pip install reelgraph, and for real footage with no files of your own: pip install iscc-samples (54 MB; a minute
of a band that plays live, CC-BY-4.0). Without it, it draws a short recording, and says so.
For a recording of yours, name it and its captions: python examples/podcast_clip.py FOLDER talk.mp4 talk.srt

    python examples/podcast_clip.py [PROJECT-FOLDER] [RECORDING] [CAPTIONS.srt]
"""

import sys
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from reelgraph.video_tools.editing.assemble import assemble
from reelgraph.video_tools.editing.media import encode_picture

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "film-project")
folder.mkdir(parents=True, exist_ok=True)
samples = find_spec("iscc_samples")
recording, captions = folder / "recording.mp4", folder / "recording.srt"
if len(sys.argv) > 3:
    title, recording, captions = "", Path(sys.argv[2]), Path(sys.argv[3])
elif samples is not None and samples.origin:
    title, recording = "", Path(samples.origin).parent / "files" / "video" / "demo.mp4"
    captions.write_text(
        "1\n00:00:07,000 --> 00:00:10,000\nFour of them, one room.\n\n"
        "2\n00:00:46,000 --> 00:00:50,000\nAnd now he sings.\n",
        encoding="utf-8",
    )
else:
    print("no recording named and iscc-samples is not installed: the picture is drawn, and silent", file=sys.stderr)
    title = "The Harbour Hour"
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
    size=(640, 360),
    title=title,
    captions=captions,
    burn_captions=True,
    loudness=-16.0,
)
for note in made.notes:
    print(note)
print(folder / "clip.mp4")
