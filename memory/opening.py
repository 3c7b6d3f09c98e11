"""Open a project's memory, with the embedders that its settings, its index or its world call for."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from reelgraph.memory.embedders import Embedders, Frame, open_picture_embedder, open_text_embedder
from reelgraph.memory.project import ProjectMemory
from reelgraph.memory.shots import ShotMemory
from reelgraph.memory.state import read_state
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.project import Project

T = TypeVar("T")


def open_memory(
    project: Project,
    *,
    text_embedder: str = "",
    picture_embedder: str = "",
    of_world: Callable[[], str] = lambda: "",
    url: str = "",
) -> ProjectMemory:
    """Open a project's memory; Chroma and embedders are not loaded, and not missed, before they are used.

    Args:
        project: The project; pictures are read from its ledger.
        text_embedder: A registered embedder of words; the built-in one if empty.
        picture_embedder: A registered embedder of pictures; if empty, the one that filled the index.
        of_world: Names the embedder of the closed world that the film's back end draws, asked where nothing is
            remembered yet; if it names none, the built-in one is taken.
        url: A Chroma server on a trusted private network; empty for Chroma in the project's folder.
    """

    def poster(key: str) -> Frame | None:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(project.ledger.folder(key) / "poster.jpg") as image:
                return np.asarray(image.convert("RGB"))
        except (FileNotFoundError, UnidentifiedImageError):
            return None

    def spec() -> str:
        filled = read_state(project.memory)  # one index has one embedder, whatever draws the next film
        return picture_embedder or (filled.picture_spec if filled.picture else of_world()) or "layout"

    def opened(open_one: Callable[[], T]) -> Callable[[], T]:
        def told() -> T:
            try:
                return open_one()
            except InvalidRequest as error:
                raise InvalidRequest(
                    f"memory cannot open its embedder: {error}; or set another and run `reelgraph memory rebuild`"
                ) from error

        return told

    embedders: Embedders = Embedders(
        opened(lambda: open_text_embedder(text_embedder or "ngrams")),
        opened(lambda: open_picture_embedder(embedders.picture_spec)),
        spec,
    )
    return ProjectMemory(project, ShotMemory(project.memory, embedders=embedders, keyframe=poster, url=url))
