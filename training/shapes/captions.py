"""Captions for scenes: the words of the world, many ways to say them, and the empty talk that a shot list adds."""

import random
import re

from training.shapes.world import Scene, Thing

SHAPE_WORDS = {
    "ball": ("ball", "ball", "sphere", "circle"),
    "box": ("box", "box", "square", "cube"),
    "triangle": ("triangle", "triangle", "pyramid"),
    "star": ("star",),
}
COLOUR_WORDS = {
    "red": ("red",),
    "green": ("green",),
    "blue": ("blue",),
    "yellow": ("yellow",),
    "purple": ("purple", "purple", "violet"),
    "orange": ("orange",),
}
# For each motion: what a thing does, and what it is seen doing.
MOTION_WORDS = {
    "right": (
        (
            "moves to the right",
            "moves right",
            "moves from left to right",
            "glides to the right",
            "rolls right",
            "travels rightward",
            "slides right across the frame",
            "goes right",
            "drifts to the right",
            "heads right",
        ),
        (
            "moving right",
            "moving to the right",
            "moving from left to right",
            "rolling right",
            "gliding to the right",
            "sliding rightward",
            "drifting right",
            "going to the right",
        ),
    ),
    "left": (
        (
            "moves to the left",
            "moves left",
            "moves from right to left",
            "glides to the left",
            "rolls left",
            "travels leftward",
            "slides left across the frame",
            "goes left",
            "drifts to the left",
            "heads left",
        ),
        (
            "moving left",
            "moving to the left",
            "moving from right to left",
            "rolling left",
            "gliding to the left",
            "sliding leftward",
            "drifting left",
            "going to the left",
        ),
    ),
    "up": (
        (
            "moves up",
            "rises",
            "rises up",
            "floats upward",
            "flies up",
            "moves from the bottom to the top",
            "goes up",
            "climbs",
        ),
        ("moving up", "rising", "floating up", "flying upward", "going up", "climbing"),
    ),
    "down": (
        (
            "moves down",
            "falls",
            "falls down",
            "sinks",
            "drops down",
            "moves from the top to the bottom",
            "goes down",
            "descends",
        ),
        ("moving down", "falling", "dropping", "sinking down", "going down", "descending"),
    ),
    "still": (
        ("stays still", "stands still", "does not move", "rests motionless", "is still", "waits", "stays in place"),
        ("standing still", "resting still", "staying still", "waiting", "not moving"),
    ),
    "grow": (
        ("grows", "grows bigger", "gets larger", "expands", "gets bigger", "swells", "becomes larger"),
        ("growing", "growing larger", "expanding", "getting bigger", "swelling", "becoming larger"),
    ),
    "spin": (
        ("spins", "rotates", "spins around", "turns around in place", "spins in place", "whirls", "twirls"),
        ("spinning", "rotating", "spinning in place", "turning around", "whirling", "twirling"),
    ),
}
BACKGROUND_WORDS = {
    "sky": (
        "in the sky",
        "in a blue sky",
        "in the day sky",
        "against a bright sky",
        "among the clouds",
        "on a sunny day",
    ),
    "night": (
        "at night",
        "in the night sky",
        "under the stars",
        "in the dark night",
        "against a starry sky",
        "in the dark",
    ),
    "grass": ("on grass", "over a meadow", "on a green field", "on the grass", "in a grassy meadow", "in a field"),
    "sea": ("over the sea", "on the water", "at sea", "above the ocean", "on the ocean", "by the sea"),
    "desert": ("in the desert", "on sand", "over the dunes", "across the desert", "on a sandy desert", "over the sand"),
}

# {a} "a red ball" as a noun phrase; {s} its shape; {m} "moves right"; {g} "moving right"; {b} "at night".
FRAMES = (
    "{a} {m} {b}",
    "{b} {a} {m}",
    "{a} {g} {b}",
    "{b}, {a} {g}",
    "{a} {b}, {g}",
    "{c} {s} {g} {b}",
    "{c} {s} {b} {g}",
    "a video of {a} {g} {b}",
    "a shot of {a} {b}. it {m}",
    "{a} {b}. the {s} {m}",
    "there is {a} {b} and it {m}",
    "an animated {c} {s} {m} {b}",
    "we see {a} {b}: it {m}",
    "{b}. {a} {m}",
    "{a}, {g}, {b}",
)
PAIR_FRAMES = (
    "{a} {m} and {a2} {m2} {b}",
    "{b} {a} {m} while {a2} {m2}",
    "{a} {g} and {a2} {g2} {b}",
    "{a} {m} {b} and {a2} {m2}",
    "two objects {b}: {a} {g} and {a2} {g2}",
    "{a} and {a2} {b}. the {c} {s} {m}. the {c2} {s2} {m2}",
    "{b}, {a} {g}, {a2} {g2}",
)
# Wordings that no stage is ever trained on: the benchmark asks with these.
UNSEEN_FRAMES = (
    "look, {a} that {m} {b}",
    "an animation where {a} {m}, all of it {b}",
    "picture this: {b} we follow {a} {g}",
    "the scene is set {b} and shows {a} as it {m}",
    "{g} {b}, {a} fills the shot",
    "it is {b} that {a} simply {m}",
    "scene one, {b}: {a} keeps {g}",
    "cinematic wide shot of {a}, {g} {b}, soft light, highly detailed, 35mm film",
    "Close on the hero of our story, {a}. It {m} {b}. Slow music begins.",
)
UNSEEN_PAIR_FRAMES = (
    "look, {a} {m} as {a2} {m2}, all of it {b}",
    "an animation {b} with {a} that {m} and {a2} that {m2}",
    "cinematic wide shot {b} of {a} {g} beside {a2} {g2}, soft light",
    "picture this: {b} we follow {a} {g} and also {a2} {g2}",
)

ADJECTIVES = (
    "small",
    "big",
    "little",
    "bright",
    "shiny",
    "single",
    "lonely",
    "happy",
    "round",
    "simple",
    "brave",
    "old",
)
BEFORE = (
    "wide shot of",
    "close-up of",
    "medium shot of",
    "cinematic shot of",
    "a clip of",
    "an animation of",
    "wide shot:",
    "close-up:",
    "scene 2.",
    "shot 3:",
    "opening shot:",
    "cinematic,",
    "the camera shows",
    "establishing shot:",
    "meanwhile",
    "suddenly",
    "then",
)
AFTER = (
    "slowly",
    "quickly",
    "in soft light",
    "soft lighting",
    "highly detailed",
    "cinematic",
    "warm light",
    "slow pan",
    "gentle music",
    "the camera pans slowly",
    "slow zoom",
    "simple flat animation",
    "bright colours",
    "smoothly",
    "with a calm mood",
    "minimal style",
    "shallow depth of field",
    "the camera follows",
    "static camera",
    "in the background",
    "across the screen",
    "for a while",
)
# Small words that say nothing of how many things there are: "and" alone does not make two.
LINKS = ("and", "the", "it", "that", "this", "with", "while", "is", "of", "in", "we", "see", "there", "a", "its", "on")
NAMES = ("pip", "mo", "ruby", "dot", "tia", "bo", "max", "luna")


def words() -> list[str]:
    """List every word that the tokenizer knows, sorted; all others are one unknown word to the model."""
    phrases: list[str] = [*ADJECTIVES, *BEFORE, *AFTER, *FRAMES, *PAIR_FRAMES]
    for group in (SHAPE_WORDS, COLOUR_WORDS, BACKGROUND_WORDS):
        phrases += [phrase for choices in group.values() for phrase in choices]
    phrases += [phrase for finite, seen in MOTION_WORDS.values() for phrase in (*finite, *seen)]
    phrases += [
        "a an the of in on at it its is that this with and while named called object thing something shape two one it"
    ]
    return sorted({w for phrase in phrases for w in re.findall(r"[a-z0-9]+", re.sub(r"\{\w+\}", " ", phrase.lower()))})


def _unknown(rng: random.Random) -> str:
    return "".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(1, 3))) + "x"


def _filler(rng: random.Random) -> str:
    return " ".join(rng.choice(LINKS) if rng.random() < 0.5 else _unknown(rng) for _ in range(rng.choice((0, 0, 1, 2))))


def _mixed(parts: dict[str, str], pair: bool, rng: random.Random) -> str:
    """Say the parts in any order that keeps each thing with what it does, with words between that mean nothing."""
    does = [parts[rng.choice(("m", "g")) + end] for end in (("", "2") if pair else ("",))]
    said = [parts["a"], does[0]]
    if pair:
        said += [parts["a2"], does[1]]
        said.insert(rng.choice((0, 2, 4)), parts["b"])
    else:
        said = rng.sample([*said, parts["b"]], 3)
    return " ".join(word for part in said for word in (_filler(rng), part))


def _noun(thing: Thing, rng: random.Random, vague: bool) -> str:
    if vague:
        return rng.choice(
            ("the object", "it", "the same thing", "something", f"the {rng.choice(SHAPE_WORDS[thing.shape])}")
        )
    colour, shape = rng.choice(COLOUR_WORDS[thing.colour]), rng.choice(SHAPE_WORDS[thing.shape])
    if rng.random() < 0.25:
        colour = f"{rng.choice(ADJECTIVES)} {colour}"
    name = rng.choice(NAMES) if rng.random() < 0.3 else _unknown(rng)
    plain = f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {shape}"
    return rng.choices(
        (
            plain,
            f"the {colour} {shape}",
            f"{plain} named {name}",
            f"{name}, {plain},",
            f"{name} the {colour} {shape}",
            f"a {shape} that is {colour}",
        ),
        weights=(10, 4, 2, 2, 1, 2),
    )[0]


def caption(
    scene: Scene,
    rng: random.Random,
    *,
    unseen: bool = False,
    moving: bool = True,
    vague: float = 0.0,
    drop: float = 0.0,
    talk: float = 0.0,
    mixed: float = 0.0,
) -> str:
    """Say what a scene shows.

    Args:
        scene: What to describe.
        rng: Chooses the wording.
        unseen: Use the wordings that are kept from training.
        moving: Say the motion at all (one still picture does not show it).
        vague: How often the things are not described (a first frame shows them).
        drop: How often a part (the motion, the background) is left out.
        talk: How often words that mean nothing here are put around the caption.
        mixed: How often no sentence is made, but the parts are put in any order between words that mean nothing.
    """
    hide = rng.random() < vague
    parts = {"b": "" if rng.random() < drop else rng.choice(BACKGROUND_WORDS[scene.background])}
    still = rng.random() < drop or not moving
    for thing, end in zip(scene.things, ("", "2"), strict=False):
        finite, seen = MOTION_WORDS[thing.motion]
        parts[f"a{end}"] = _noun(thing, rng, hide)
        parts[f"c{end}"] = "" if hide else rng.choice(COLOUR_WORDS[thing.colour])
        parts[f"s{end}"] = rng.choice(SHAPE_WORDS[thing.shape])
        parts[f"m{end}"], parts[f"g{end}"] = ("", "") if still else (rng.choice(finite), rng.choice(seen))
    one, two = (UNSEEN_FRAMES, UNSEEN_PAIR_FRAMES) if unseen else (FRAMES, PAIR_FRAMES)
    pair = len(scene.things) == 2
    if not unseen and rng.random() < mixed:
        text = _mixed(parts, pair, rng)
    else:
        text = rng.choice(two if pair else one).format(**parts)
    if rng.random() < talk:
        if rng.random() < 0.5:
            text = f"{rng.choice(BEFORE)} {text}"
        for _ in range(rng.randint(0, 2)):
            text = f"{text}, {rng.choice(AFTER)}"
        if rng.random() < 0.4:
            split = text.split()
            for _ in range(rng.randint(1, 4)):
                split.insert(rng.choice((0, len(split), rng.randint(0, len(split)))), _unknown(rng))
            text = " ".join(split)
    return " ".join(text.split())
