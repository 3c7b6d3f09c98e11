"""Measure memory: who is found, and what a look-up costs beside Chroma's own.

    python benchmarks/recall.py [--json] [--quick] [--keep DIR]

Remembered shots are written with one set of words and looked for with another: of verbs, things, places and qualities
no word is in both. Characters are invented names, given as they are (in whole or in part); no look-up of `recall_at_8`
says by id whom it means. Contenders take turns at each look-up, in one run; times are medians.

Remembering a hundred thousand takes minutes, and only look-ups are timed against each other: `--keep` leaves what was
remembered in a folder, and a later run with the same folder begins there.
"""

import argparse
import hashlib
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from goals import report

from reelgraph.memory.embedders import ColourLayout, Embedders, NgramText
from reelgraph.memory.lookups import Lookup
from reelgraph.memory.records import ShotRecord, words_of
from reelgraph.memory.shots import ShotMemory

GOALS: dict[str, tuple[str, float]] = {
    "recall_at_8": (">=", 0.95),
    "filtered_over_plain_1k": ("<=", 1.3),
    "filtered_over_plain_10k": ("<=", 1.3),
    "filtered_over_plain_100k": ("<=", 1.3),
    "plan_lookups_x": (">=", 15),
    "growth_1k_100k": ("<=", 1.5),
}

# Words of the remembered shots, each with the words of look-ups that stand for it.
VERBS = {
    "walks": "strolls ambles", "runs": "dashes sprints", "climbs": "scrambles ascends", "sits": "rests perches",
    "waits": "lingers tarries", "sings": "hums croons", "opens": "unlocks unfastens", "closes": "shuts slams",
    "watches": "observes eyes", "reads": "studies peruses", "paints": "sketches draws", "digs": "burrows shovels",
    "swims": "paddles bathes", "falls": "tumbles drops", "jumps": "leaps hops", "carries": "hauls lugs",
    "throws": "hurls tosses", "laughs": "chuckles giggles", "weeps": "sobs cries", "hides": "crouches lurks",
}  # fmt: skip
THINGS = {
    "lantern": "torch", "rope": "cord", "letter": "note", "map": "chart", "bucket": "pail", "dog": "hound",
    "boat": "vessel", "coat": "jacket", "bell": "chime", "key": "latch", "mirror": "looking-glass",
    "suitcase": "luggage", "ladder": "steps", "knife": "blade", "hat": "cap", "violin": "fiddle", "book": "volume",
    "cup": "mug", "stone": "rock", "basket": "hamper",
}  # fmt: skip
PLACES = {
    "lighthouse": "beacon", "harbour": "port", "kitchen": "pantry", "forest": "woods", "cellar": "vault",
    "bridge": "crossing", "market": "bazaar", "tower": "spire", "garden": "orchard", "station": "terminal",
    "attic": "loft", "meadow": "pasture", "desert": "wasteland", "cave": "grotto", "library": "archive",
    "street": "lane",
}  # fmt: skip
QUALITIES = {
    "old": "ancient", "red": "crimson", "wet": "soaked", "bright": "gleaming", "dark": "gloomy", "narrow": "tight",
    "golden": "gilded", "empty": "vacant", "cold": "chilly", "stormy": "windswept", "quiet": "hushed",
    "broken": "shattered",
}  # fmt: skip
FRAMED = ("wide shot", "medium shot", "close-up", "full shot")
REFRAMED = ("seen from afar", "waist up", "face filling frame", "head to toe")

CHARACTERS, LOOKUPS, K = 200, 400, 8


def cast(count: int, chance: random.Random) -> list[tuple[str, str]]:
    """Invent characters: a given name and a surname each, no two of a kind the same."""
    starts = ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "tr", "st", "kl"]
    ends = ["a", "e", "i", "o", "u", "ai", "or", "en", "is", "ul"]
    syllables = [s + e for s in starts for e in ends]
    names: set[str] = set()
    while len(names) < 2 * count:
        names.add("".join(chance.choices(syllables, k=chance.choice((2, 2, 3)))).capitalize())
    shuffled = sorted(names)
    chance.shuffle(shuffled)
    return list(zip(shuffled[:count], shuffled[count:], strict=True))


def shot(number: int, people: Sequence[tuple[str, str]], chance: random.Random) -> ShotRecord:
    """Write down one remembered shot, of one character or (three in ten) two."""
    seen = chance.sample(range(len(people)), 2 if chance.random() < 0.3 else 1)
    place = chance.choice(list(PLACES))
    first = people[seen[0]][0]
    action = f"{chance.choice(list(VERBS))} with the {chance.choice(list(QUALITIES))} {chance.choice(list(THINGS))}"
    beside = f" beside {people[seen[1]][0]}" if len(seen) > 1 else ""
    hashed = hashlib.sha256(f"shot {number}".encode()).hexdigest()
    return ShotRecord(
        film=f"film-{number // 12}",
        shot=f"s{number // 12 % 90 + 1:02d}-{number % 12 + 1:02d}",
        take=hashed,
        content=hashed,
        prompt=f"{first} {action}{beside} in the {chance.choice(list(QUALITIES))} {place}, {chance.choice(FRAMED)}",
        characters=[f"person-{i}" for i in seen],
        names=[" ".join(people[i]) for i in seen],
        place=place,
        place_name=place,
        score=1.0,
    )


def looked_for(who: int, people: Sequence[tuple[str, str]], chance: random.Random) -> str:
    """Ask for a shot of somebody in words that no remembered shot has, their name apart."""
    given, family = people[who]
    name = chance.choice([given, family, f"{given} {family}", given.upper(), family.lower()])

    def other(words: dict[str, str]) -> str:
        return chance.choice(chance.choice(list(words.values())).split())

    action = f"{other(VERBS)} holding a {other(QUALITIES)} {other(THINGS)} near some {other(QUALITIES)} {other(PLACES)}"
    return f"{name} {action}, {chance.choice(REFRAMED)}"


def recall_at_8(memory: ShotMemory, people: Sequence[tuple[str, str]], chance: random.Random) -> dict[str, float]:
    """Share of the eight that show whom the look-up named, who is in more than eight; and share with any such."""
    asked = [chance.randrange(len(people)) for _ in range(LOOKUPS)]
    answers = memory.recall([looked_for(who, people, chance) for who in asked], k=K)
    right = [
        [f"person-{who}" in hit.record.characters for hit in found] for who, found in zip(asked, answers, strict=True)
    ]
    return {
        "recall_at_8": float(np.mean([sum(hits) / K for hits in right])),
        "found_at_all": float(np.mean([any(hits) for hits in right])),
    }


def timed(contenders: dict[str, Callable[[int], Any]], count: int, rounds: int) -> dict[str, float]:
    """Time contenders on the same look-ups, one look-up each in an order that changes; return medians in milliseconds.

    So whatever else the machine does, and what one contender leaves in its caches, falls on all of them alike.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        for i in range(count):  # indexes are read when they are first asked
            run(i)
    chance = random.Random(6)
    for _ in range(rounds):
        for i in range(count):
            for name in chance.sample(list(contenders), len(contenders)):
                started = time.perf_counter()
                contenders[name](i)
                times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def remembered(folder: Path, size: int, people: Sequence[tuple[str, str]]) -> tuple[ShotMemory, float | None]:
    """Return a memory of so many shots, and the milliseconds that each took; none if they were there."""
    memory = ShotMemory(folder / "memory", embedders=Embedders(NgramText, ColourLayout))
    if memory.count() == size:
        return memory, None
    chance = random.Random(2)
    records = [shot(number, people, chance) for number in range(size)]
    started = time.perf_counter()
    memory.remember(records)
    return memory, (time.perf_counter() - started) * 1000 / size


def shared_collection(folder: Path, memory: ShotMemory) -> Any:
    """Return one plain Chroma collection with the same vectors and the metadata that a filter needs."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder / "shared"), settings=Settings(anonymized_telemetry=False))
    shared = client.get_or_create_collection(
        "shots", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    told = shared.count()
    records = list(memory.records()) if told < memory.count() else []
    for at in range(told, len(records), 1000):
        part = records[at : at + 1000]
        shared.add(
            ids=[record.id for record in part],
            embeddings=memory.text.documents([record.text for record in part]),
            metadatas=[{"character": r.characters[0], "place": r.place, "film": r.film, "shot": r.shot} for r in part],
        )
    return shared


def lookups_cost(
    memories: dict[str, tuple[ShotMemory, Any]], people: Sequence[tuple[str, str]], rounds: int
) -> dict[str, float]:
    """Time, at each size, one look-up of a character's shots here and a plain one of Chroma's that filters nothing."""
    chance = random.Random(3)
    asked = [chance.randrange(len(people)) for _ in range(60)]
    texts = [looked_for(who, people, chance) for who in asked]
    looks = [Lookup(text, character=f"person-{who}") for text, who in zip(texts, asked, strict=True)]
    vectors = NgramText().documents(texts)

    def here(memory: ShotMemory) -> Callable[[int], Any]:
        return lambda i: memory.recall([looks[i]], k=K)

    def query(shared: Any, filtered: bool) -> Callable[[int], Any]:
        def run(i: int) -> Any:
            where = {"where": {"character": looks[i].character}} if filtered else {}
            include = ["metadatas", "distances"]
            return shared.query(query_embeddings=vectors[i : i + 1], n_results=K, include=include, **where)

        return run

    contenders: dict[str, Callable[[int], Any]] = {}
    for name, (memory, shared) in memories.items():
        contenders[f"lookup_ms_{name}"] = here(memory)
        contenders[f"plain_ms_{name}"] = query(shared, False)
        contenders[f"where_ms_{name}"] = query(shared, True)
    return timed(contenders, len(looks), rounds)


def plan_cost(memory: ShotMemory, shared: Any, people: Sequence[tuple[str, str]], rounds: int) -> dict[str, float]:
    """Time the 36 look-ups of 12 shots (two characters and a place each) in one go, and one by one with filters."""
    chance = random.Random(4)
    film = chance.sample(range(len(people)), 3)
    places = chance.sample(list(PLACES), 3)
    looks: list[Lookup] = []
    for number in range(12):
        pair, place = chance.sample(film, 2), places[number // 4]
        text = words_of([" ".join(people[who]) for who in pair], place, looked_for(pair[0], people, chance))
        looks += [*(Lookup(text, character=f"person-{who}") for who in pair), Lookup(text, place=place)]
    vectors = memory.text.documents([look.text for look in looks])

    def one_by_one(_: int) -> None:
        for i, look in enumerate(looks):
            where = {"character": look.character} if look.character else {"place": look.place}
            shared.query(
                query_embeddings=vectors[i : i + 1], n_results=K, include=["metadatas", "distances"], where=where
            )

    return timed({"here": lambda _: memory.recall(looks, k=K), "one by one": one_by_one}, 1, rounds)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="1,000 and 2,000 shots for 1,000 to 100,000")
    parser.add_argument("--keep", metavar="DIR", help="leave the memories there, or begin with those that are")
    options = parser.parse_args()
    sizes = {"1k": 1000, "10k": 2000, "100k": 2000} if options.quick else {"1k": 1000, "10k": 10_000, "100k": 100_000}
    rounds = 3 if options.quick else 5
    people = cast(20 if options.quick else CHARACTERS, random.Random(1))
    figures: dict[str, float] = {}
    work = Path(options.keep or tempfile.mkdtemp(prefix="recall-"))
    try:
        memories: dict[str, tuple[ShotMemory, Any]] = {}
        for name, size in sizes.items():
            memory, each = remembered(work / str(size), size, people)
            if each is not None:
                figures[f"remember_ms_{name}"] = each
            memories[name] = memory, shared_collection(work / str(size), memory)
        figures |= lookups_cost(memories, people, rounds)
        for name in sizes:
            figures[f"filtered_over_plain_{name}"] = figures[f"lookup_ms_{name}"] / figures[f"plain_ms_{name}"]
        figures["growth_1k_100k"] = figures["lookup_ms_100k"] / figures["lookup_ms_1k"]
        memory, shared = memories["10k"]
        figures |= recall_at_8(memory, people, random.Random(5))
        plan = plan_cost(memory, shared, people, 3 * rounds)
        figures["plan_ms"] = plan["here"]
        figures["plan_one_by_one_ms"] = plan["one by one"]
        figures["plan_lookups_x"] = plan["one by one"] / plan["here"]
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)

    return report("recall", figures, GOALS, options.json, packages=("chromadb", "numpy"))


if __name__ == "__main__":
    sys.exit(main())
