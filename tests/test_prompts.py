"""No prompt loses its end unsaid, whichever class reads it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from tiny_pipelines import PICTURE_BUILDERS, build
from transformers import PreTrainedTokenizerFast

from reelgraph.video_tools.backends import local, signature
from reelgraph.video_tools.backends.base import Call, Failed, Made
from reelgraph.video_tools.backends.device import device_named
from reelgraph.video_tools.backends.embeddings import remember_embeddings
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.prompts import Reading, TooLong
from reelgraph.video_tools.film import TakeRequest

FOXES = "A fox " * 60


@pytest.fixture
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


@pytest.fixture
def undeclared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know nothing of what a class reads but what is seen as it encodes."""
    monkeypatch.setattr(signature, "_READ", {})


def take(model: Path, prompt: str, negative: str = "", **settings: Any) -> tuple[Made | Failed, int]:
    """Make a take; returns the steps that it took, too."""
    told: list[Any] = []
    backend = Local({"model": str(model), "steps": 1, **settings})
    rate = next(iter(backend.capabilities().rates), 24)
    request = TakeRequest(
        backend="local", prompt=prompt, negative_prompt=negative, width=64, height=64, frames=1, rate=rate, seed=1
    )
    (result,) = backend.generate([Call(request, "a1")], told.append)
    return result, sum(event.step > 0 for event in told)


def said(result: Made | Failed) -> list[tuple[str, str, str]]:
    assert isinstance(result, Made), result
    return [(s.what, s.made, s.why) for s in result.substitutions if s.what not in ("width", "height")]


@pytest.mark.usefixtures("undeclared")
@pytest.mark.parametrize(("model", "tokens"), [("deepfloyd", 77), ("kandinsky3", 128), ("kandinsky22", 77)])
def test_prompt_that_a_class_would_cut_without_a_word_is_refused_before_the_first_step_or_cut_aloud(
    models: Path, model: str, tokens: int
) -> None:
    folder = build(model, models)
    refused, steps = take(folder, FOXES)
    assert isinstance(refused, Failed) and isinstance(refused.error, TooLong) and steps == 0
    assert f"the prompt is longer than the {tokens} tokens that this model reads: it would end “…" in str(refused.error)
    unwanted, _ = take(folder, "a fox", FOXES)
    assert isinstance(unwanted, Failed) and "the negative_prompt is longer than" in str(unwanted.error)
    made, _ = take(folder, "a fox", "an owl")
    assert said(made) == [], "and the pipeline is as it was"
    for again in range(2):  # the second time, what was made of the words is used again
        cut, _ = take(folder, FOXES, long_prompts="cut")
        ((what, kept, why),) = said(cut)
        assert (what, why) == ("prompt", f"the model reads {tokens} tokens"), again
        assert kept.casefold() == FOXES.casefold()[: tokens - 1]  # a letter a token here, and a mark at the end


def test_prompt_that_a_class_tidies_up_is_read_whole_all_the_same(models: Path) -> None:
    made, _ = take(build("wan", models), "One FOX walksoverwideandwindymeadowsbythesea &amp;amp; its den")
    assert said(made) == []


def test_prompt_whose_letters_a_class_mends_is_read_whole_and_one_that_it_cuts_is_not(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = "A fox walksoverwideandwindymeadows by the sea to a"
    made, _ = take(build("wan", models), f"{walks} cafÃ©")
    assert said(made) == []
    monkeypatch.setattr("diffusers.pipelines.wan.pipeline_wan.prompt_clean", lambda text: text[: len(walks)])
    cut, _ = take(build("wan", models), f"{walks} boat")
    assert isinstance(cut, Failed) and isinstance(cut.error, TooLong)


def test_prompt_that_shares_its_room_with_words_of_the_class_is_measured_with_them(models: Path) -> None:
    folder = build("lumina2", models)
    refused, steps = take(folder, "a fox " * 30)  # 180 letters, where its own take most of the 256
    assert isinstance(refused, Failed) and steps == 0
    assert "the 256 tokens that this model reads, its own words before it among them" in str(refused.error)
    cut, _ = take(folder, "a fox " * 30, long_prompts="cut")
    ((what, kept, _),) = said(cut)
    assert what == "prompt" and kept and ("a fox " * 30).startswith(kept)
    fits, _ = take(folder, kept)
    assert said(fits) == [], "what is kept is what has room"


def test_prompt_that_a_class_cuts_before_it_is_tokenized_is_refused(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(FAMILIES["Kandinsky5T2VPipeline"], prompt_tokens=None, tokens_argument="")
    monkeypatch.setitem(local.FAMILIES, row.pipeline, row)
    shutil.copytree(build("kandinsky5", models), tmp_path / "model")
    config = tmp_path / "model" / "tokenizer" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": 4096}))
    refused, steps = take(tmp_path / "model", 2 * FOXES)
    assert isinstance(refused, Failed) and isinstance(refused.error, TooLong) and steps == 0
    cut, _ = take(tmp_path / "model", 2 * FOXES, long_prompts="cut")
    assert sorted(len(kept) for _, kept, _ in said(cut)) == [76, 511]
    short, _ = take(tmp_path / "model", "a fox")
    assert said(short) == []


@pytest.mark.parametrize("model", ["wan", "ltx", "deepfloyd"])
def test_negative_prompt_that_guidance_leaves_unread_is_said(models: Path, model: str) -> None:
    folder = build(model, models)
    unguided, _ = take(folder, "a fox", "an owl", guidance=1.0)
    assert said(unguided) == [("negative_prompt", "", "its encoders were not given it, as where guidance is 1 or less")]
    guided, _ = take(folder, "a fox", "an owl", guidance=2.0)
    assert said(guided) == []


def test_what_one_encoder_does_not_read_and_another_does_is_said_each_time() -> None:
    pipe = PICTURE_BUILDERS["hunyuan_dit"]()
    remember_embeddings(pipe)
    prompt = "A fox " * 30  # its BERT is given 77 tokens, its T5 256
    for _ in range(2):
        reading = Reading([{"prompt": prompt, "negative_prompt": ""}], "refuse")
        with reading.watching(pipe):
            for encoder in (0, 1):
                pipe.encode_prompt(prompt, device="cpu", text_encoder_index=encoder)
        assert [(s.what, s.made, s.why) for s in reading.unsaid()[0]] == [
            ("prompt", prompt[:76], "its text_encoder reads 77 tokens; another reads on")
        ]
    assert type(pipe.tokenizer) is type(pipe.tokenizer_2) is PreTrainedTokenizerFast


def test_prompts_that_begin_alike_are_told_apart_in_a_batch() -> None:
    pipe = PICTURE_BUILDERS["deepfloyd"]()
    begins = "one style for all of the shots of this film: "
    texts = [begins + "a fox", begins + "an owl", begins + "a bear " * 20]
    reading = Reading([{"prompt": text} for text in texts], "cut")
    with reading.watching(pipe):
        pipe.encode_prompt(texts, do_classifier_free_guidance=False)
    assert [[s.made for s in changes] for changes in reading.unsaid()] == [[], [], [texts[2][:76]]]


def test_one_prompt_of_a_batch_that_is_too_long_leaves_the_others(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(FAMILIES["LTXPipeline"], prompt_tokens=None, tokens_argument="")
    monkeypatch.setitem(local.FAMILIES, row.pipeline, row)
    shutil.copytree(build("ltx", models), tmp_path / "model")
    config = tmp_path / "model" / "tokenizer" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": 4096}))
    backend = Local({"model": str(tmp_path / "model"), "steps": 1, "max_batch": 3})
    prompts = ("a fox", FOXES, "an owl")
    calls = [
        Call(TakeRequest(backend="local", prompt=p, width=64, height=64, frames=1, rate=24, seed=1), p) for p in prompts
    ]
    results = {result.call.attempt: result for result in backend.generate(calls, lambda event: None)}
    assert isinstance(results["a fox"], Made) and isinstance(results["an owl"], Made)
    long = results[FOXES]
    assert isinstance(long, Failed) and "longer than the 128 tokens" in str(long.error)
    assert not isinstance(device_named("cpu")._resident, type(None)), "the model stays"
