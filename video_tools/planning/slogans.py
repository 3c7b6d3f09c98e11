"""Make cards of an ad's last words, such as "Wake up slow.", which are shown and not played."""

from reelgraph.video_tools.planning.reader import Reader

_WORDS = 6
# What begins like this shows somebody acting.
_SOMEBODY = frozenset(["a", "an", "the", "he", "she", "they"])


def make_slogans(reader: Reader) -> None:
    """Make cards of an ad's last words: whatever short of them shows nobody acting."""
    beats = [beat for scene in reader.scenes for beat in scene.beats]
    last = beats[1:][-1 if reader.is_abroad else -len(beats) :]  # who acts is not known in another language
    for beat in reversed(last if reader.is_ad else []):
        acts = (beat.subject and not beat.carried) or beat.text.split()[0].lower() == "it"
        if acts or beat.title or beat.said or not is_slogan(beat.text):
            return
        beat.title, beat.text = beat.text, f"Title card: {beat.text}"
        beat.why.append("title: the last words of an ad")


def is_slogan(words: str) -> bool:
    """Tell words that may be an ad's last: few, and of nobody who acts."""
    return words.split()[0].lower() not in _SOMEBODY and len(words.split()) <= _WORDS
