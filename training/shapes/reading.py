"""Teach the text encoder to read: which words say what of which thing, before any of it is drawn."""

import random
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import IterableDataset, get_worker_info

from training.shapes import text
from training.shapes.captions import caption
from training.shapes.optim import CROWD, DEVICE, HOME, Training, fast, prepared, seeded
from training.shapes.world import BACKGROUNDS, COLOURS, MOTIONS, SHAPES, Scene, sample_scene

# What is asked of a caption, and the answers there are; no thing has none of them.
QUESTIONS: tuple[tuple[str, ...], ...] = (
    BACKGROUNDS,
    *(("nothing", *SHAPES), ("nothing", *COLOURS), ("nothing", *MOTIONS)) * 2,
)
ANSWERS = max(map(len, QUESTIONS))
LENGTHS = ((48, 64, 128, 256), (16, 2, 2, 1))  # tokens that captions are padded to, and how often


def answers(scene: Scene) -> list[int]:
    """The right answer to each question about a scene's caption, by number."""
    said: list[str] = [scene.background]
    for thing in scene.things:
        said += [thing.shape, thing.colour, thing.motion]
    said += ["nothing"] * (len(QUESTIONS) - len(said))
    return [choices.index(word) for choices, word in zip(QUESTIONS, said, strict=True)]


class Reader(nn.Module):
    """Answers each question from the words that it looks at, so that a word has to tell which thing it is about."""

    def __init__(self) -> None:
        super().__init__()
        self.table_of_questions = nn.Parameter(torch.randn(len(QUESTIONS), text.WIDTH) * text.WIDTH**-0.5)
        self.table_of_answers = nn.Parameter(torch.zeros(len(QUESTIONS), text.WIDTH, ANSWERS))
        impossible = torch.tensor([[i >= len(choices) for i in range(ANSWERS)] for choices in QUESTIONS])
        self.register_buffer("impossible", impossible, persistent=False)

    def forward(self, meaning: Tensor, mask: Tensor) -> Tensor:
        """Scores of the answers, (captions, questions, answers), from encoded words (captions, words, width)."""
        where = (meaning.float() @ self.table_of_questions.T).masked_fill(mask[..., None] == 0, -torch.inf).softmax(1)
        read = torch.einsum("cwq,cwd->cqd", where, meaning.float())
        scores = torch.einsum("cqd,qda->cqa", read, self.table_of_answers)
        return scores.masked_fill(self.impossible, -torch.inf)

    def loss(self, meaning: Tensor, mask: Tensor, right: Tensor) -> Tensor:
        """How wrong the answers are, on average of all questions."""
        return F.cross_entropy(self(meaning, mask).flatten(0, 1), right.flatten())


class Lessons(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Endless captions as tokens, with their masks and right answers."""

    def __init__(self, count: int, name: str, step: int) -> None:
        self.count, self.name, self.step = count, name, step

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        worker = get_worker_info()
        rng = seeded(f"{self.name} {worker.id if worker else 0}", self.step)
        pace = random.Random(f"{self.name} {worker.id if worker else 0} {self.step}")
        tokens = text.tokenizer()
        while True:
            scenes = [sample_scene(rng, 2 if rng.random() < 0.6 else 1) for _ in range(self.count)]
            captions = [caption(s, rng, talk=0.35, mixed=0.3) for s in scenes]
            length = pace.choices(*LENGTHS)[0]
            read = tokens(captions, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
            yield read.input_ids, read.attention_mask, torch.tensor([answers(s) for s in scenes])


class Student(nn.Module):
    """The text encoder and its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.text_encoder, self.reader = text.encoder(), Reader()


def train(
    seconds: float,
    name: str = "reading",
    home: Path = HOME,
    batch: int = 128 * CROWD,
    muon: float = 3e-3,
    adam: float = 3e-3,
) -> Student:
    """Train for `seconds`: answer what captions say."""
    torch.manual_seed(0)
    model = Student().to(DEVICE)
    run = Training(name, model, seconds=seconds, muon=muon, adam=adam, flat=0.4, average=0.99, home=home)
    for ids, mask, right in prepared(Lessons(batch, name, run.step), 8):
        if run.done >= 1:
            break
        with fast():
            meaning = model.text_encoder(input_ids=ids.to(DEVICE))[0]
        run.update(model.reader.loss(meaning, mask.to(DEVICE), right.to(DEVICE)))
    model.load_state_dict(run.ema)
    return model.eval()
