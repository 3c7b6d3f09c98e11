import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clips import RATE, drift, request

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.checks.adherence import Adherence, attributes, chances, contrasts_of
from reelgraph.video_tools.checks.base import Subject, examine
from reelgraph.video_tools.checks.examiner import Examiner
from reelgraph.video_tools.checks.intent import nothing_known
from reelgraph.video_tools.checks.notes import notes_of
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.image_text import ImageText
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

PROMPT = "a red ball and a blue box roll to the left at night"


@pytest.fixture(scope="session", params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a real CLIP or SigLIP of a few thousand weights, not trained, with a tokenizer and an image processor."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    kind: Any = transformers
    torch.manual_seed(0)
    torch.set_num_threads(1)
    words = [
        "<pad>",
        "<eos>",
        "<unk>",
        *sorted(set(" ".join(s for _, ss, _, _ in attributes(PROMPT) for s in ss).split())),
    ]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    path = tmp_path_factory.mktemp(request.param)
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "<eos>"}
    kind.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(path)
    square = {"height": 32, "width": 32}
    kind.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=square).save_pretrained(path)
    side = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**side, "vocab_size": len(words), "max_position_embeddings": 32, "eos_token_id": 1, "bos_token_id": 0}
    both = {"text_config": text, "vision_config": {**side, "image_size": 32, "patch_size": 8}}
    if request.param == "clip":
        model = kind.CLIPModel(kind.CLIPConfig(**both, projection_dim=8))
    else:
        model = kind.SiglipModel(kind.SiglipConfig(**both))
    model.save_pretrained(path)
    return path


def found(check: Adherence, prompt: str = PROMPT) -> list[Finding]:
    examiner = Examiner()
    for frame in drift(9):
        examiner.see(frame)
    asked = request(9).model_copy(update={"prompt": prompt})
    return examine(Subject("take", RATE, examiner._meter.measures(), nothing_known(9), request=asked), [check])


def test_attributes_keep_two_things_apart() -> None:
    parts = {part: (sentences, words) for part, sentences, words, _ in attributes(PROMPT)}
    assert list(parts) == ["red ball", "blue box", "ball", "box", "night", "left"]
    sentences, words = parts["blue box"]
    assert sentences[0] == PROMPT
    assert words[0] == "blue"
    assert "a red ball and a green box roll to the left at night" in sentences
    assert len(sentences) == 11


def told(folder: Path, sentences: list[str], frames: list[Any]) -> Any:
    """Ask transformers itself for each sentence's probability, with texts as long as the model reads."""
    import transformers
    from PIL import Image

    kind: Any = transformers
    model = kind.AutoModel.from_pretrained(folder).eval()
    length = model.config.text_config.max_position_embeddings
    tokens = kind.AutoTokenizer.from_pretrained(folder)(
        sentences, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
    )
    processor = kind.AutoImageProcessor.from_pretrained(folder)
    pixels = processor(images=[Image.fromarray(frame) for frame in frames], return_tensors="pt")
    return model(**tokens, **pixels).logits_per_image.softmax(1).mean(0).detach().numpy()


@pytest.mark.parametrize("sheet", [1, 2, 4])  # frames that make no sheet are shown one by one
def test_each_attribute_gets_the_probability_that_the_model_gives(folder: Path, sheet: int) -> None:
    findings = found(Adherence(model=str(folder), sheet=sheet))
    assert [f.check for f in findings] == [f"adherence.{part}" for part, *_ in attributes(PROMPT)]
    assert all(not f.blocking for f in findings)
    if sheet != 4:
        frames = [drift(9)[i] for i in (0, 2, 6, 8)]
        for finding, (_, sentences, _, _) in zip(findings, attributes(PROMPT), strict=True):
            assert finding.value == pytest.approx(told(folder, sentences, frames)[0], abs=1e-5)


def test_what_every_frame_shows_is_asked_of_the_frames_and_of_their_sheet(folder: Path) -> None:
    frames = [drift(9)[i] for i in (0, 2, 6, 8)]
    sheet = np.concatenate([np.concatenate(frames[:2], 1), np.concatenate(frames[2:], 1)], 0)
    embedder = ImageText(str(folder))
    judged = found(Adherence(model=str(folder), sheet=4, steady=1, plain=0.2))
    for finding, (_, sentences, _, group) in zip(judged, attributes(PROMPT), strict=True):
        said = embedder.sentences(sentences)
        whole = chances(embedder, embedder.pictures([sheet]), said)[0]
        single = chances(embedder, embedder.pictures(frames), said)[0]
        value, least = ((whole + single) / 2, 0.2) if group == 0 else (whole, 0.25)
        assert (finding.value, finding.threshold) == (pytest.approx(value, abs=1e-4), least)
        # even odds among eleven colours are no plain colour, though no other is likelier by far
        unsure = "passed" if value >= 0.25 else "unknown"
        assert finding.outcome == ("failed" if group == 0 else unsure), finding


def test_a_word_that_another_clearly_beats_fails(folder: Path) -> None:
    strict = found(Adherence(model=str(folder), share=1.1, sure=0.0))
    assert {f.outcome for f in strict} <= {"failed"}
    assert "was asked for, and" in strict[0].message


def test_what_the_embedder_cannot_tell_is_unknown(folder: Path) -> None:
    findings = {f.check: f for f in found(Adherence(model=str(folder)))}
    colour = findings["adherence.red ball"]  # one of eleven colours, to a model that learned nothing
    assert colour.value is not None
    assert colour.value < 0.25
    assert (colour.outcome, colour.threshold) == ("unknown", 0.25)
    assert colour.message == "the embedder cannot tell red ball from its opposites"
    assert not colour.blocking
    blocking = found(Adherence(model=str(folder), blocking=True))
    assert {f.blocking for f in blocking} == {True}


def test_a_word_beyond_what_the_embedder_reads_is_unknown_and_withholds_nothing(folder: Path) -> None:
    long = f"a red ball {'and a blue box ' * 9}at night"  # forty-eight words, to a model that reads 32
    findings = {f.check: f for f in found(Adherence(model=str(folder), share=0.0, blocking=True), long)}
    assert (findings["adherence.red ball"].outcome, findings["adherence.red ball"].blocking) == ("passed", True)
    assert (findings["adherence.night"].outcome, findings["adherence.night"].blocking) == ("unknown", False)
    assert findings["adherence.night"].message == "the embedder reads the prompt with night as it does without"


def test_without_a_model_or_attributes_it_does_not_apply(folder: Path) -> None:
    assert [f.outcome for f in found(Adherence())] == ["not_applicable"]
    assert [f.outcome for f in found(Adherence(model=str(folder)), "something happens")] == ["not_applicable"]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("/no/such/folder", "no CLIP or SigLIP at '/no/such/folder'"),
        ("owner/name", "pinned revision"),
        ("owner/name@main", "pinned revision"),
        (f"owner/name@{'a' * 40}", f"fetch it with `hf download owner/name --revision {'a' * 40}`"),
    ],
)
def test_a_model_that_is_missing_or_not_pinned_withholds_approval(
    monkeypatch: pytest.MonkeyPatch, model: str, why: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an embedder reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (finding,) = found(Adherence(model=model))
    assert (finding.outcome, finding.blocking) == ("unknown", True)
    assert why in finding.message
    (note,) = notes_of({"s01-01": [finding]})
    assert note.blocking
    assert "cannot be used" in note.message


def test_weights_that_changed_are_unknown(folder: Path) -> None:
    (finding,) = found(Adherence(model=str(folder), fingerprint="0" * 64))
    assert "its weights have changed" in finding.message
    assert (finding.outcome, finding.blocking) == ("unknown", True)
    known = ImageText(str(folder)).fingerprint
    assert len(found(Adherence(model=str(folder), fingerprint=known))) == 6


def test_pickled_weights_are_never_read(folder: Path, tmp_path: Path) -> None:
    import shutil

    import torch

    copy = tmp_path / "pickled"
    shutil.copytree(folder, copy)
    config = copy / "config.json"
    plain = config.read_text()
    config.write_text(json.dumps(json.loads(plain) | {"transformers_weights": "x.safetensors.index.json"}))
    with pytest.raises(InvalidRequest, match="names its weights"):
        ImageText(str(copy))
    config.write_text(plain)
    (copy / "model.safetensors").unlink()
    torch.save({"a": torch.zeros(1)}, copy / "pytorch_model.bin")
    assert [f.outcome for f in found(Adherence(model=str(copy)))] == ["unknown"]


def test_one_frame_is_enough(folder: Path) -> None:
    examiner = Examiner()
    examiner.see(np.zeros((32, 32, 3), np.uint8))
    asked = request(1).model_copy(update={"prompt": "a red ball"})
    subject = Subject("take", RATE, examiner._meter.measures(), nothing_known(1), request=asked)
    assert len(examine(subject, [Adherence(model=str(folder))])) == 2


def test_a_closed_world_is_asked_in_its_own_words() -> None:
    world = World(
        things={"ball": ("ball", "sphere"), "box": ("box", "cube")},
        colours={"red": "#ff0000", "blue": "#0000ff"},
        motions={"right": ("moves right", "rolls right"), "up": ("moves up", "rises")},
        places={"sky": ("in the sky", "in a blue sky"), "sea": ("at sea",)},
    )
    said = "a red sphere rolls right in a blue sky"
    assert attributes(said, contrasts_of(world)) == [
        ("red sphere", [said, "a blue sphere rolls right in a blue sky"], ["red", "blue"], 0),
        ("sphere", [said, "a red box rolls right in a blue sky"], ["sphere", "box"], 1),
        ("in a blue sky", [said, "a red sphere rolls right at sea"], ["in a blue sky", "at sea"], 2),
        ("rolls right", [said, "a red sphere moves up in a blue sky"], ["rolls right", "moves up"], 3),
    ]


def test_only_takes_of_the_closed_world_are_asked_in_its_words(tmp_path: Path) -> None:
    own = {"backend": "local", "backends": {"local": {"model": "shapes"}}}
    studio = Studio(Project.open(tmp_path, **own))
    for made_by in ("", "local"):
        assert studio.checks_for(made_by)["adherence"]["model"] == "shapes_clip"
        assert studio.checks_for(made_by)["camera"] == {"on": False}
    assert studio.checks_for("animatic") == {}, "a title card names a red ball, and shows letters"
    assert studio.checks_for("a camera") == {}, "a person brought it"
