"""Turn words and pictures into vectors: one interface, and two built-in embedders that need no weights and no network.

Embedders are registered in the entry-point group `reelgraph.embedders` and chosen by `NAME` or `NAME:ARGUMENT`, such as
`clip:/models/siglip`. An index remembers the identity of the embedder it was filled by, and refuses another.
"""

import functools
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from reelgraph.video_tools import registry
from reelgraph.video_tools.errors import InvalidRequest

Vectors: TypeAlias = NDArray[np.float32]
Frame: TypeAlias = NDArray[np.uint8]


class Rarity:
    """How many remembered texts hold each feature, counted in a hashed table; rebuilt with the index, saved beside it.

    Attributes:
        count: How many texts were learnt.
        table: `(65536,) int32`, texts per hashed feature.
    """

    SIZE = 1 << 16

    def __init__(self, count: int = 0, table: NDArray[np.int32] | None = None) -> None:
        self.count = count
        self.table = np.zeros(self.SIZE, np.int32) if table is None else table

    def learn(self, texts: Iterable[str], times: int = 1) -> None:
        """Count the features of texts; `times` -1 takes back what was learnt."""
        for text in texts:
            slots = np.unique(np.concatenate([_word_features(w)[0] for w in words(text)] or [np.zeros(0, np.uint64)]))
            np.add.at(self.table, slots % np.uint64(self.SIZE), times)
            self.count += times

    def weight(self, hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return the inverse document frequency of hashed features: 1 for what every text has, more for a rare one.

        A feature that no text has weighs nothing: it can match only by a collision of hashes, and as the rarest of all
        it would drown the others.

        Source: smoothed IDF, ln((1 + n) / (1 + df)) + 1 (Salton and Buckley 1988, as smoothed in scikit-learn's
        TfidfTransformer).
        """
        seen = np.minimum(self.table[hashes % np.uint64(self.SIZE)], self.count)
        return np.where(seen == 0, 0.0, np.log((1 + self.count) / (1 + seen)) + 1.0)


@runtime_checkable
class TextEmbedder(Protocol):
    """What turns words into unit vectors.

    Attributes:
        name: The registered name, with what was loaded where that matters.
        version: Changes whenever the same text would give another vector.
        dimension: Length of a vector.
    """

    name: str
    version: str
    dimension: int

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows, for texts to be found; nothing seen before changes them."""

    def queries(self, texts: Sequence[str], rarity: Rarity) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows, for texts to look up.

        `rarity` knows which words tell the remembered texts apart.
        """


@runtime_checkable
class PictureEmbedder(Protocol):
    """What turns pictures into unit vectors; its attributes mean what those of `TextEmbedder` do."""

    name: str
    version: str
    dimension: int

    def pictures(self, frames: Sequence[Frame]) -> Vectors:
        """Return `(frames, dimension) float32`, unit rows, for frames `(height, width, 3) uint8 RGB` of any sizes."""


class Embedders:
    """What an index is filled by: each is opened when it is first used, and not missed before.

    Args:
        text: Opens the embedder of words.
        picture: Opens the embedder of pictures.
        picture_spec: Says what opens that of pictures again, as the settings would name it; empty if nobody says.
    """

    def __init__(
        self,
        text: Callable[[], TextEmbedder],
        picture: Callable[[], PictureEmbedder],
        picture_spec: Callable[[], str] = lambda: "",
    ) -> None:
        self._open_text, self._open_picture, self._say_spec = text, picture, picture_spec

    @functools.cached_property
    def text(self) -> TextEmbedder:
        """The embedder of words."""
        return self._open_text()

    @functools.cached_property
    def picture(self) -> PictureEmbedder:
        """The embedder of pictures."""
        return self._open_picture()

    @functools.cached_property
    def picture_spec(self) -> str:
        """What opens the embedder of pictures again."""
        return self._say_spec()


def open_embedder(spec: str) -> Any:
    """Open an embedder by its registered name, or `NAME:ARGUMENT` where it takes an argument (a model's folder).

    Raises:
        InvalidRequest: Nothing is registered under the name, what it needs is not installed, or it cannot be made.
    """
    name, _, argument = spec.partition(":")
    return registry.make("reelgraph.embedders", name, *([argument] if argument else []))


def open_text_embedder(spec: str) -> TextEmbedder:
    """Open an embedder of texts by its registered name.

    Raises:
        InvalidRequest: There is none of that name, or it does not embed texts.
    """
    embedder = open_embedder(spec)
    if not isinstance(embedder, TextEmbedder):
        raise InvalidRequest(f"embedder {spec!r} does not embed texts: choose another, such as 'ngrams'")
    return embedder


def open_picture_embedder(spec: str) -> PictureEmbedder:
    """Open an embedder of pictures by its registered name.

    Raises:
        InvalidRequest: There is none of that name, or it does not embed pictures.
    """
    embedder = open_embedder(spec)
    if not isinstance(embedder, PictureEmbedder):
        raise InvalidRequest(f"embedder {spec!r} does not embed pictures: choose another, such as 'layout'")
    return embedder


def identity(embedder: TextEmbedder | PictureEmbedder) -> str:
    """Name an embedder so that a change of what it computes changes the name."""
    return f"{embedder.name} {embedder.version} ({embedder.dimension} numbers)"


def unit(rows: NDArray[Any]) -> Vectors:
    """Scale rows to length 1; a row of zeros becomes the first axis, because a cosine needs a length."""
    rows = np.asarray(rows, np.float32).copy()
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    rows[length[:, 0] == 0, 0] = 1.0
    return np.asarray(rows / np.where(length == 0, 1.0, length), np.float32)


# --- words -----------------------------------------------------------------------------------------------------------

# Words that say nothing about a shot: the function words of English, French, German and Spanish briefs.
_FUNCTION_WORDS = frozenset(
    """
    a an the of in on at to from by with and or but is are was were be it its his her their he she they as into over
    under for that this le la les un une des de du et en au aux dans sur der die das ein eine und im am von zu mit el
    los las una y del al con por """.split()  # noqa: SIM905 - sixty quoted words are harder to read than these lines
)
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Split a text into folded words: compatibility forms, case and accents are levelled, in any script."""
    levelled = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _WORD.findall("".join(c for c in levelled if not unicodedata.combining(c)))


def _hash(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")


@functools.lru_cache(maxsize=1 << 16)
def _word_features(word: str) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Hash a word and its character 3- and 4-grams; together the grams weigh as much as the word."""
    bare = f"<{word}>"
    grams = [bare[i : i + n] for n in (3, 4) for i in range(len(bare) - n + 1) if len(bare) > n]
    importance = 0.2 if word in _FUNCTION_WORDS else 1.0
    hashes = [_hash(f"w {word}"), *(_hash(f"g {gram}") for gram in grams)]
    weights = [importance, *([importance / max(len(grams), 1) ** 0.5] * len(grams))]
    return np.array(hashes, np.uint64), np.array(weights)


class NgramText:
    """Words and character n-grams hashed into a fixed number of signed counts; rare ones weigh more in a query.

    It finds shots that share words, parts of words and spellings, in any script; it knows no synonyms and no grammar
    ("a fox" is as far from "a vulpine" as from "a tax"). Rarity is applied to the query alone, so a remembered vector
    never depends on what was remembered before it.

    Source: feature hashing with a sign, Weinberger et al. 2009 (arXiv:0902.2206); character n-grams, Bojanowski et al.
    2017 (arXiv:1607.04606).
    """

    name = "ngrams"
    version = "1"
    dimension = 768

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows."""
        return unit(np.array([self._sum(text, None) for text in texts]).reshape(-1, self.dimension))

    def queries(self, texts: Sequence[str], rarity: Rarity) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows, each feature weighed by its inverse document frequency."""
        return unit(np.array([self._sum(text, rarity) for text in texts]).reshape(-1, self.dimension))

    def _sum(self, text: str, rarity: Rarity | None) -> NDArray[np.float64]:
        counts = Counter(words(text))
        if not counts:
            return np.zeros(self.dimension)
        features = [_word_features(word) for word in counts]
        hashes = np.concatenate([h for h, _ in features])
        # A word said twice does not matter twice as much: sublinear term frequency.
        weights = np.concatenate([w * (1 + np.log(n)) for (_, w), n in zip(features, counts.values(), strict=True)])
        if rarity is not None:
            weights = weights * rarity.weight(hashes)
        signs = np.where(hashes >> np.uint64(63), -1.0, 1.0)
        slots = (hashes % np.uint64(self.dimension)).astype(np.int64)
        return np.bincount(slots, signs * weights, self.dimension).astype(np.float64)


# --- pictures --------------------------------------------------------------------------------------------------------


class ColourLayout:
    """Where the colours and edges of a picture are: mean colour and edge directions on a grid, and a colour histogram.

    It finds shots that look alike (light, palette, framing) at any size; it knows neither faces nor things, and a
    mirrored or reframed shot is far away.

    Source: Oklab, Ottosson 2020 (bottosson.github.io/posts/oklab); orientation histograms, Dalal and Triggs 2005.
    """

    name = "layout"
    version = "1"
    columns, rows, directions = 6, 4, 8
    dimension = columns * rows * (3 + directions) + 64

    def pictures(self, frames: Sequence[Frame]) -> Vectors:
        """Return `(frames, dimension) float32`, unit rows."""
        return unit(np.array([self._describe(frame) for frame in frames]).reshape(-1, self.dimension))

    def _describe(self, frame: Frame) -> NDArray[np.float64]:
        from PIL import Image

        size = (self.columns * 16, self.rows * 16)
        small = np.asarray(Image.fromarray(frame).convert("RGB").resize(size, Image.Resampling.BOX))
        lab = oklab(small)
        cells = lab.reshape(self.rows, 16, self.columns, 16, 3).mean((1, 3)) - (0.5, 0, 0)

        down, right = np.gradient(lab[..., 0])
        strength = np.hypot(down, right)
        # Direction without sense: a dark thing on light and a light thing on dark have the same outline.
        direction = (np.arctan2(down, right) % np.pi / np.pi * self.directions).astype(int) % self.directions
        y, x = np.indices(strength.shape) // 16
        edges = np.bincount(
            ((y * self.columns + x) * self.directions + direction).ravel(),
            strength.ravel(),
            self.rows * self.columns * self.directions,
        ).astype(np.float64)

        # Shared between neighbouring levels, so that a shade more of light is a shade more of distance.
        level = small.reshape(-1, 3, 1) / 85.0
        red, green, blue = np.moveaxis(np.maximum(0, 1 - np.abs(level - np.arange(4))), 1, 0)
        histogram = np.sqrt(np.einsum("pr,pg,pb->rgb", red, green, blue, optimize=True).ravel() / len(level))
        # Hue tells two looks apart better than light does, and Oklab's opponent colours span a quarter of its
        # lightness.
        colours = (cells * (1.0, 4.0, 4.0)).ravel()
        return np.concatenate([_weighed(colours, 1.0), _weighed(edges, 0.6), _weighed(histogram, 0.8)])


def _weighed(part: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    return part * (weight / (np.linalg.norm(part) or 1.0))


def oklab(frame: Frame) -> NDArray[np.float64]:
    """Turn sRGB `(..., 3) uint8` into Oklab `(..., 3)`: lightness 0 to 1, and two opponent colours near -0.3 to 0.3.

    Source: Ottosson 2020 (bottosson.github.io/posts/oklab); transfer function of IEC 61966-2-1.
    """
    s = frame / 255.0
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(linear @ np.array([
        [0.4122214708, 0.2119034982, 0.0883024619],
        [0.5363325363, 0.6806995451, 0.2817188376],
        [0.0514459929, 0.1073969566, 0.6299787005],
    ]))  # fmt: skip
    lab: NDArray[np.float64] = lms @ np.array([
        [0.2104542553, 1.9779984951, 0.0259040371],
        [0.7936177850, -2.4285922050, 0.7827717662],
        [-0.0040720468, 0.4505937099, -0.8086757660],
    ])  # fmt: skip
    return lab
