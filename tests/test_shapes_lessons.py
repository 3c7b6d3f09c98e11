"""Lessons of the shapes models: what captions are asked, what pictures are asked, and what is looked at."""

import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is not installed

import torch.nn.functional as F  # noqa: E402  # behind the skip, as is the rest
from training.shapes import clip, reading, seeing, text  # noqa: E402
from training.shapes.attention import products, teach_transformers  # noqa: E402
from training.shapes.world import Scene, Thing  # noqa: E402

REST = ((64.0, 32.0), (64.0, 32.0), (12.0, 12.0))
STAR, BOX = Thing("star", "red", "spin", *REST), Thing("box", "orange", "left", *REST)


def test_a_caption_is_asked_for_its_background_and_for_each_thing_in_turn() -> None:
    # sky night grass sea desert; nothing ball box triangle star; nothing red ... orange; nothing right left ... spin
    assert reading.answers(Scene("sea", 0, (STAR, BOX))) == [3, 4, 1, 7, 2, 6, 2]
    assert reading.answers(Scene("sea", 0, (BOX, STAR))) == [3, 2, 6, 2, 4, 1, 7]
    assert reading.answers(Scene("sky", 0, (BOX,))) == [0, 2, 6, 2, 0, 0, 0]


def test_a_picture_is_asked_for_what_is_where_a_colour_is() -> None:
    # the background, then red green blue yellow purple orange: the shape of each, then its motion
    asked = [3, 4, 0, 0, 0, 0, 2, 7, 0, 0, 0, 0, 2]
    assert seeing.answers(Scene("sea", 0, (STAR, BOX)), moving=True) == asked
    assert seeing.answers(Scene("sea", 0, (BOX, STAR)), moving=True) == asked
    assert seeing.answers(Scene("sea", 0, (STAR, BOX)), moving=False) == asked[:7] + [seeing.UNASKED] * 6


def test_padding_says_nothing_to_the_reader_and_no_answer_is_one_of_another_question() -> None:
    torch.manual_seed(0)
    reader = reading.Reader()
    torch.nn.init.normal_(reader.table_of_answers)
    meaning, mask = torch.randn(2, 9, text.WIDTH), torch.ones(2, 9, dtype=torch.long)
    mask[:, 6:] = 0
    scores = reader(meaning, mask)
    assert torch.allclose(scores, reader(meaning[:, :6], mask[:, :6]), atol=1e-5)
    assert scores.isfinite().sum(-1).tolist() == [[5, 5, 7, 8, 5, 7, 8]] * 2


def test_what_is_not_asked_of_a_still_teaches_nothing() -> None:
    torch.manual_seed(0)
    reader, finder = seeing.Reader(8), seeing.Finder(8)
    torch.nn.init.normal_(finder.table_of_answers)
    right = torch.tensor([seeing.answers(Scene("sea", 0, (STAR, BOX)), moving) for moving in (False, False)])
    embedded, patches = torch.randn(2, 8), torch.randn(2, 5, 8)
    (reader(embedded, right) + finder(patches, right)).backward()
    asked = [bool(g.abs().sum() > 0) for g in reader.table.weight.grad.split(seeing.CHOICES)]
    assert asked == [True] * 7 + [False] * 6
    shapes, motions = finder.table_of_answers.grad.abs().sum((2, 3))
    # of colours that are not there the patches are asked nothing
    assert (shapes > 0).tolist() == [True, False, False, False, False, True] and not motions.any()


def test_looking_at_all_patches_is_what_the_model_does() -> None:
    torch.manual_seed(0)
    model = clip.build().eval()
    pixels = torch.rand(2, 3, clip.SIZE, clip.SIZE) * 2 - 1
    with torch.no_grad():
        patches, seen = seeing.look(model.vision_model, pixels, 256)
        true = model.vision_model(pixel_values=pixels)
    assert torch.allclose(patches, true.last_hidden_state, atol=1e-5)
    assert torch.allclose(seen, true.pooler_output, atol=1e-5)


def test_looking_at_few_patches_leaves_out_sky_and_nothing_of_a_thing() -> None:
    torch.manual_seed(0)
    model = clip.build().eval()
    with torch.no_grad():
        # What a patch shows is not to matter here, only where it is, which each embedding then tells exactly.
        model.vision_model.embeddings.patch_embedding.weight.zero_()
        model.vision_model.encoder.layers = torch.nn.ModuleList()
        model.vision_model.pre_layrnorm = torch.nn.Identity()
        pixels = torch.full((1, 3, clip.SIZE, clip.SIZE), 0.5)
        pixels[:, 0, 20:44, 68:92] = -1  # its edges lie within patches 2 to 5 from above and 8 to 11 from the left
        patches, _ = seeing.look(model.vision_model, pixels, 20)
        places = model.vision_model.embeddings.position_embedding.weight
        chosen = {int((places[1:] - p).abs().sum(1).argmin()) for p in patches[0, 1:]}
    assert patches.shape == (1, 21, 96) and len(chosen) == 20
    edge = {16 * y + x for y in range(2, 6) for x in range(8, 12)} - {16 * y + x for y in (3, 4) for x in (9, 10)}
    assert edge <= chosen


def test_captions_of_a_lesson_are_told_apart_as_they_are_asked() -> None:
    seen = set()
    for lesson in clip.Lessons(12, "test", 0):
        moving = len(lesson.moments) == 4
        seen.add(moving)
        assert lesson.shown[:12].tolist() == [seeing.answers(s, moving) for s in lesson.scenes]
        same = (lesson.shown[:12, None] == lesson.shown).all(2)
        assert torch.equal(lesson.alike, same.fill_diagonal_(False))
        assert not lesson.alike[torch.arange(12), torch.arange(12)].any()
        if len(seen) == 2:  # clips, and stills that are not asked for motions
            return


@pytest.mark.parametrize("masked", [False, True])
def test_products_are_the_fused_attention(masked: bool) -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 7, 16)
    mask = torch.zeros(2, 1, 1, 7).masked_fill(torch.rand(2, 1, 1, 7) < 0.3, -1e9) if masked else None
    fused = F.scaled_dot_product_attention(q, k, v, mask)
    assert torch.allclose(products(q * 16**-0.5, k, v, mask), fused, atol=1e-6)


def test_a_clip_reads_alike_by_products() -> None:
    torch.manual_seed(0)
    model = clip.build().eval()
    read = text.tokenizer()(["a red ball moves right", "a star"], padding=True, return_tensors="pt")
    ids, mask = read.input_ids, read.attention_mask
    with torch.no_grad():
        fused = model.text_model(input_ids=ids, attention_mask=mask).pooler_output
        model.set_attn_implementation(teach_transformers())
        assert torch.allclose(model.text_model(input_ids=ids, attention_mask=mask).pooler_output, fused, atol=1e-5)
