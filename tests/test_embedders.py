import numpy as np
import pytest

from reelgraph.memory.embedders import (
    ColourLayout,
    NgramText,
    PictureEmbedder,
    Rarity,
    TextEmbedder,
    identity,
    oklab,
    open_picture_embedder,
    open_text_embedder,
    words,
)
from reelgraph.video_tools import registry
from reelgraph.video_tools.errors import InvalidRequest


def flat(colour: tuple[int, int, int], size: tuple[int, int] = (54, 96)) -> np.ndarray:
    return np.full((*size, 3), colour, np.uint8)


def test_built_in_embedders_enter_by_the_registry() -> None:
    assert {"layout", "ngrams"} <= set(registry.names("reelgraph.embedders"))
    assert isinstance(open_text_embedder("ngrams"), TextEmbedder)
    assert isinstance(open_picture_embedder("layout"), PictureEmbedder)


def test_embedder_of_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match=r"no embedder named 'word2vec'.*layout.*ngrams"):
        open_text_embedder("word2vec")


@pytest.mark.parametrize(("opened", "spec"), [(open_text_embedder, "layout"), (open_picture_embedder, "ngrams")])
def test_embedder_of_the_other_kind_is_refused(opened, spec) -> None:
    with pytest.raises(InvalidRequest, match=f"'{spec}' does not embed"):
        opened(spec)


def test_texts_become_unit_rows_that_never_depend_on_the_others() -> None:
    embedder = NgramText()
    texts = ["Mara climbs the tower", "", "!?", "海辺の灯台", "Zoë" * 300]
    rows = embedder.documents(texts)
    assert rows.shape == (5, embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(rows, np.concatenate([embedder.documents([t]) for t in texts]))
    assert embedder.documents([]).shape == (0, embedder.dimension)


def test_text_vectors_stay_what_a_written_index_holds() -> None:
    # A change here makes every index on disk wrong: raise `version` with it.
    row = NgramText().documents(["The keeper lights the lamp."])[0]
    assert identity(NgramText()) == "ngrams 1 (768 numbers)"
    assert np.argsort(-np.abs(row), kind="stable")[:4].tolist() == [82, 446, 760, 130]


def test_words_are_levelled_in_any_script() -> None:
    assert words("Zoë's CAFÉ, ﬁn; Straße_7") == ["zoe", "s", "cafe", "fin", "strasse", "7"]
    assert words("Ёлка") == words("елка")


def test_like_spellings_are_near_and_synonyms_are_not() -> None:
    rows = NgramText().documents(["lighthouse keeper", "lighthousekeeper", "beacon warden"])
    assert rows[0] @ rows[1] > 0.3
    assert abs(rows[0] @ rows[2]) < 0.15


def test_rare_words_decide_a_query_and_unknown_ones_do_not() -> None:
    texts = [f"{who} walks along the pier at dusk, wide shot" for who in ("Mara", "Tomek", "Ilse")]
    rarity = Rarity()
    rarity.learn(texts)
    embedder = NgramText()
    query = embedder.queries(["Tomek on the pier at dusk", "Tomek on the pier at dusk, zzqx"], rarity)
    np.testing.assert_array_equal(query[0], query[1])
    plain, weighed = (
        embedder.documents(texts) @ embedder.documents(["Tomek on the pier at dusk"])[0],
        embedder.documents(texts) @ query[0],
    )
    assert plain.argmax() == weighed.argmax() == 1
    assert weighed[1] - weighed[0] > plain[1] - plain[0]


def test_rarity_can_take_back_what_it_learnt() -> None:
    rarity = Rarity()
    rarity.learn(["a red fox", "a red barn"])
    rarity.learn(["a red barn"], -1)
    once = Rarity()
    once.learn(["a red fox"])
    assert rarity.count == once.count == 1
    np.testing.assert_array_equal(rarity.table, once.table)


def test_pictures_become_unit_rows_at_any_size() -> None:
    embedder = ColourLayout()
    noise = np.random.default_rng(0).integers(0, 256, (37, 201, 3), dtype=np.uint8)
    rows = embedder.pictures([flat((0, 0, 0)), flat((200, 30, 30)), noise])
    assert rows.shape == (3, embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert embedder.pictures([]).shape == (0, embedder.dimension)


def test_pictures_of_one_look_are_nearer_than_those_of_another() -> None:
    night, dusk, desert = flat((15, 20, 60)), flat((20, 25, 75)), flat((225, 190, 140))
    rows = ColourLayout().pictures([night, dusk, desert])
    assert rows[0] @ rows[1] > 0.9
    assert rows[0] @ rows[2] < 0.3


def test_picture_layout_tells_left_from_right_and_survives_scaling() -> None:
    left = flat((240, 240, 240))
    left[20:40, 5:30] = (200, 30, 30)
    small = left[::2, ::2]
    rows = ColourLayout().pictures([left, left[:, ::-1], small])
    assert rows[0] @ rows[2] > rows[0] @ rows[1] + 0.03
    assert rows[0] @ rows[2] > 0.97


def test_oklab_gives_the_published_values() -> None:
    # Source: Ottosson's reference implementation for sRGB white, red and blue.
    colours = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255]], np.uint8)
    expected = [[1.0, 0.0, 0.0], [0.62796, 0.22486, 0.12585], [0.45201, -0.03246, -0.31153]]
    np.testing.assert_allclose(oklab(colours), expected, atol=2e-4)
