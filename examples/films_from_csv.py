"""Several films from a CSV of briefs, with one ceiling over them all.

Needs: pip install reelgraph. By default it plans by rule and draws animatics: no key, no GPU, no network.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/films_from_csv.py [PROJECT-FOLDER] [FILMS.csv]
"""

import csv
import sys
from pathlib import Path

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

folder = sys.argv[1] if len(sys.argv) > 1 else "film-project"
table = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "briefs" / "films.csv"

project = Project.open(folder, project_budget={"generation_seconds": 600})
context = FilmContext(Studio(project))
with table.open(newline="", encoding="utf-8") as rows:
    for row in csv.DictReader(rows):
        result = run_film(context, row["brief"], film=row["film"])
        print(f"{row['film']}: {result['shots']} shots, {result['duration']:.1f} s, approved: {result['approved']}")
        print(project.root / result["film"])
