"""Compose the words that a back end gets for a shot."""

import re

from reelgraph.video_tools.film import Bible, Line, Shot, Storyboard
from reelgraph.video_tools.planning.directions import time_in
from reelgraph.video_tools.planning.outline import UNSEEN
from reelgraph.video_tools.planning.sentences import is_named, unspaced

_SIZES = {
    "extreme_wide": "extreme wide shot", "wide": "wide shot", "full": "full shot", "medium": "medium shot",
    "close": "close-up", "extreme_close": "extreme close-up", "insert": "insert shot, close detail",
}  # fmt: skip
_MOVES = {
    "still": "", "pan_left": "the camera pans left", "pan_right": "the camera pans right",
    "tilt_up": "the camera tilts up", "tilt_down": "the camera tilts down",
    "zoom_in": "the camera zooms in", "zoom_out": "the camera zooms out",
    "dolly_in": "the camera pushes in", "dolly_out": "the camera pulls back", "truck_left": "the camera tracks left",
    "truck_right": "the camera tracks right", "crane_up": "the camera cranes up",
    "crane_down": "the camera cranes down", "handheld": "handheld camera",
}  # fmt: skip
_ANGLES = {
    "eye": "", "low": "low angle", "high": "high angle", "overhead": "overhead view", "dutch": "dutch angle",
}  # fmt: skip


def compose(storyboard: Storyboard, shot: Shot) -> list[str]:
    """Compose a shot's prompt as sentences in order of worth, so that what must be cut is cut from the end.

    First who is seen, in the bible's own words, the same in every shot; then what happens; where and when; how it is
    filmed; the look.
    """
    if shot.kind == "title":
        return [f'A title card that reads "{shot.title or shot.prompt}".']
    style = storyboard.bible.style
    filmed = [word for word in (_SIZES[shot.size], _ANGLES[shot.angle], _MOVES[shot.camera]) if word]
    look = [text for text in (style.look, style.lens, style.grade) if text]
    return [*told(storyboard, shot), _sentence(", ".join(filmed)), *(_sentence(text) for text in look)]


def told(storyboard: Storyboard, shot: Shot) -> list[str]:
    """Compose who is seen and what happens, as one text that no cut may divide; then where and when."""
    bible = storyboard.bible
    parts: list[str] = []
    for id_ in shot.characters:
        character = bible.character(id_)
        if character and character.description and not _says(shot.prompt, character.description):
            named = _says(character.description, character.name)
            parts.append(_sentence(character.description if named else f"{character.name}: {character.description}"))
    parts.append(_sentence(shot.prompt))
    place = bible.place(shot.place)
    setting = [
        text for text in ((place.name, place.description) if place else ()) if text and not _says(shot.prompt, text)
    ]
    if shot.time and time_in(shot.prompt) != (time_in(shot.time) or shot.time):
        setting.append(shot.time.lower())
    return [" ".join(parts), *([_sentence(", ".join(setting))] if setting else [])]


def spoken(storyboard: Storyboard, shot: Shot) -> str:
    """Compose what is said in a shot for a model that makes sound: by whom, in which voice, how, and the words quoted.

    Source: what guides to models with sound (Veo, Sora, LTX-2) agree on: who speaks, and how, in a sentence of its own,
    and in quotation marks what is to be heard word for word.
    """
    return " ".join(filter(None, (_spoken(storyboard.bible, shot, line) for line in shot.lines)))


def _spoken(bible: Bible, shot: Shot, line: Line) -> str:
    who = bible.character(line.character)
    heard = who is not None and who.id not in shot.characters and not is_named(who.name, shot.prompt)
    manner = " ".join(UNSEEN.sub("", line.manner).split()).strip(" ,.()")
    speaker = [who.name if who else line.character or "A narrator", who.voice.strip(" .") if who else ""]
    speaker.append("off screen" if heard or (line.character and UNSEEN.search(line.manner)) else "")
    said = ", ".join(filter(None, speaker))
    if _quotes(shot.prompt, line.text):  # prose that is told in its own words
        return _sentence(f"{said}, speaks {manner}".strip()) if manner or (who and who.voice) else ""
    words = " ".join(re.sub('["“”„«»]', "'", line.text).split())
    how = f"sings {manner.removesuffix('sung').rstrip(' ,')}" if manner.endswith("sung") else f"says {manner}"
    return _sentence(f'{said}{"," * ("," in said)} {how.strip()}: "{words}"')


def _quotes(prompt: str, line: str) -> bool:
    """Tell whether a prompt says a line word for word: what is said ends there, which a yes or no in a sentence of its
    own does not."""
    words = " ".join(line.lower().split()).rstrip(".,!?…").strip(".")
    text = " ".join(prompt.lower().split())
    if not words or unspaced(words):
        return bool(words) and words in text
    return re.search(rf"(?<!\w){re.escape(words)}(?!\s?\w)", text) is not None


def negative_of(storyboard: Storyboard, shot: Shot) -> str:
    """Join the film's and the shot's negative prompts."""
    return ", ".join(text for text in (storyboard.bible.style.negative.strip(), shot.negative.strip()) if text)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in '.!?…。！？"”' else f"{text}."


def _says(text: str, words: str) -> bool:
    """Tell whether a text already holds some words, whatever their case."""
    return bool(words) and " ".join(words.lower().split()).strip(".") in " ".join(text.lower().split())


def in_vocabulary(prompt: str, vocabulary: frozenset[str]) -> tuple[str, list[str]]:
    """Keep the words that a back end knows, in order.

    Returns:
        The words kept, and those that are not known, each once.
    """
    kept: list[str] = []
    unknown: list[str] = []
    for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", prompt.lower()):
        if word in vocabulary:
            kept.append(word)
        elif word not in unknown:
            unknown.append(word)
    return " ".join(kept), unknown


def estimate_tokens(prompt: str) -> int:
    """Estimate how many tokens a text encoder reads in a prompt, on the safe side.

    Source: about 4 letters a token for English in the T5 and CLIP vocabularies; a sign of an unspaced script is about
    one token.
    """
    signs = unspaced(prompt)
    words = re.findall(r"[^\W_]+|[^\w\s]", prompt)
    return signs + sum(max(1, -(-len(word) // 6)) for word in words if not unspaced(word))
