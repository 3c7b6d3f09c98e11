"""The plan critic's rules: what a storyboard must keep of its brief, whoever planned it."""

import re
from collections.abc import Sequence

from reelgraph.video_tools.film import Bible, Brief, Storyboard
from reelgraph.video_tools.planning.fountain import elements
from reelgraph.video_tools.planning.languages import tongue_of
from reelgraph.video_tools.planning.lexicon import stems
from reelgraph.video_tools.planning.names import proper_names
from reelgraph.video_tools.planning.offline import length_asked, outline_of
from reelgraph.video_tools.planning.senses import small


def faults_against(brief: Brief, storyboard: Storyboard, bible: Bible | None = None) -> list[str]:
    """Return what a storyboard breaks of its brief, each as one line; nothing where it keeps to it.

    Every name of the brief appears, and something of every event; every line of a screenplay is said, in order;
    nobody is named whom neither the brief nor the project's bible knows; the length is the one asked for, within
    a tenth.
    """
    if brief.form in ("storyboard", "timeline"):
        return []
    seen = [storyboard.title]
    for character in storyboard.bible.characters:
        seen += [character.name, *character.aliases, character.description]
    seen += [f"{place.name} {place.description}" for place in storyboard.bible.places]
    seen += [f"{scene.heading} {shot.prompt} {shot.title}" for scene in storyboard.scenes for shot in scene.shots]
    said = [line.text for shot in storyboard.shots for line in shot.lines]
    return [
        *faults_of_words(brief, " ".join(seen), said),
        *invented(brief, [character.name for character in storyboard.bible.characters], bible),
        *_length(brief, storyboard),
    ]


def faults_of_words(brief: Brief, seen: str, said: Sequence[str]) -> list[str]:
    """Return the names, sentences and lines of a brief that a plan's words leave out.

    Args:
        brief: The brief, or a part of it.
        seen: Everything that the plan shows, in words.
        said: Everything that is said, in order.
    """
    told = _plain(f"{seen} {' '.join(said)}")
    names = sorted(proper_names(outline_of(brief)))
    missing = [f"{name.title()} of the brief is in none of it" for name in names if _plain(name) not in told]
    return [*missing, *_untold(brief, told), *_lines(brief, _plain(" ".join(said)))]


def invented(brief: Brief, names: Sequence[str], bible: Bible | None = None) -> list[str]:
    """Find characters with a name of their own that neither the brief nor the project's bible has."""
    source = _plain(f"{brief.text} {brief.title}")
    known = {name.lower() for c in (bible.characters if bible else []) for name in (c.name, *c.aliases)}
    faults = []
    for name in names:
        own = [word for word in re.findall(r"[^\W\d_]+", name) if word[:1].isupper()]
        heard = any(form in source for word in own for form in (_plain(word), _plain(f"{word}s"), _plain(word[:-1])))
        if own and not heard and name.lower() not in known:
            faults.append(f"{name} is nobody of the brief")
    return faults


def _plain(text: str) -> str:
    words = " ".join(re.findall(r"[^\W_]+", text.lower()))
    return f" {words} "


def _untold(brief: Brief, told: str) -> list[str]:
    """Find events of which less than a third of the telling words are in a plan, in any form of theirs.

    Paraphrases pass; what was left out does not. Other languages are not read: a plan may be in another one.
    """
    known = {stem for word in told.split() for stem in stems(word)}
    faults = []
    for event in _events(brief):
        words = _telling(event)
        if len(words) > 2 and sum(bool(known.intersection(stems(word))) for word in words) * 3 < len(words):
            faults.append(f"nothing tells of {' '.join(event.split())[:120]!r}")
    return faults


def made_up(brief: Brief, beats: Sequence[str]) -> list[str]:
    """Find beats that share no telling word with a brief that tells a story itself; a wish of a sentence or two is
    there to be made more of."""
    if len(_events(brief)) < 3:
        return []
    known = {stem for word in _telling(f"{brief.text} {brief.title}") for stem in stems(word)}
    return [
        f"{beat[:120]!r} is nothing of the brief"
        for beat in beats
        if len(words := _telling(beat)) > 2 and not any(known.intersection(stems(word)) for word in words)
    ]


def _events(brief: Brief) -> list[str]:
    """Return what happens in a brief, in its words, where they are English prose."""
    if brief.form not in ("prose", "markdown") or tongue_of(brief.text):
        return []
    return [beat.text for scene in outline_of(brief).scenes for beat in scene.beats if not beat.title]


def _telling(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in small()}


def _lines(brief: Brief, said: str) -> list[str]:
    """Hold a screenplay's dialogue to the plan: all of it, in order."""
    if brief.form not in ("fountain", "fdx"):
        return []
    at = 0
    for element in elements(brief.text):
        words = _plain(element.text) if element.kind == "dialogue" else ""
        if words.strip():
            found = said.find(words, at)
            if found < 0:
                return [f"the line {element.text[:80]!r} {'comes too early' if words in said else 'is said by nobody'}"]
            at = found + len(words) - 1
    return []


def _length(brief: Brief, storyboard: Storyboard) -> list[str]:
    total = sum(shot.seconds for shot in storyboard.shots)
    asked = length_asked(brief)
    if asked and abs(total - asked) > asked / 10:
        return [f"the shots last {total:g} s together, and {asked:g} s were asked for"]
    return []
