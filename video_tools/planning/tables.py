"""Read a Markdown table of shots: each row one shot, its columns known by their heads."""

import re

from reelgraph.video_tools.film import ShotSize
from reelgraph.video_tools.planning.directions import bare, bare_pattern, directions, legal, transition_in
from reelgraph.video_tools.planning.labels import card_of
from reelgraph.video_tools.planning.lexicon import words as words_of
from reelgraph.video_tools.planning.outline import Beat, Said

# What people call the columns of a shot list, in the order in which a cell's head is looked for.
_HEADS = {
    "number": r"#|no\.?|nr\.?|shot(?: (?:no|number|id|#))?|number|id|frame|panel",
    "scene": r"scene|setting|location|place|where",
    "seconds": r"s|secs?|seconds?|len(?:gth)?|dur(?:ation)?|time(?: \(s(?:ec)?\))?|length \(s\)",
    "camera": r"camera|move(?:ment)?|shot (?:size|type)|size|framing|angle|size, camera|shot size, camera|type",
    "said": r"said|dialogue ?/ ?(?:vo|voice[- ]?over|audio)|dialogue|dialog|voice[- ]?over|vo|narration|lines?"
    r"|text|speech|what is said",
    "sound": r"audio|sounds?|music|sfx|sound effects?|audio/sfx|sound ?/ ?music",
    "transition": r"transition|cut|joined by",
    "seen": r"seen|what is seen|description|visuals?|action|picture|video|image|prompt|what|content|shot description",
}


def is_table(lines: list[str]) -> bool:
    """Tell whether lines are a Markdown table: a row of heads over a row of dashes."""
    return len(lines) > 2 and "|" in lines[0] and bool(re.fullmatch(r"[\s|:-]*-[\s|:-]*", lines[1])) and "|" in lines[1]


def beats_of(text: str, start: int) -> list[Beat]:
    """Make a beat of each row of a table.

    Args:
        text: The table's text.
        start: Where it begins in the brief.

    Returns:
        The beats. A column whose head says nothing known is kept in its shot's reasons, so that no word is lost.
    """
    lines = text.split("\n")
    heads = [_kind(cell) for cell in _cells(lines[0])]
    rows = [_cells(line) for line in lines[2:]]
    for n, head in enumerate(heads):  # a column "Shot" may number the shots, or tell them
        if head == "number" and any(len(cells[n]) > 12 for cells in rows if n < len(cells)):
            heads[n] = "seen"
    if "seen" not in heads:  # the widest column without a known head is what is seen
        unknown = [n for n, head in enumerate(heads) if not head]
        widths = [sum(len(cells[n]) for cells in rows if n < len(cells)) for n in unknown]
        if unknown:
            heads[unknown[widths.index(max(widths))]] = "seen"
    at = start + len(lines[0]) + len(lines[1]) + 2
    beats: list[Beat] = []
    for line in lines[2:]:
        cells = _cells(line)
        if any(cell for cell in cells):
            beats.append(_beat(dict_of(heads, cells), _cells(lines[0]), cells, heads, at, at + len(line)))
        at += len(line) + 1
    return beats


def dict_of(heads: list[str], cells: list[str]) -> dict[str, str]:
    """Map known heads to a row's cells; the first of two columns of a kind counts, the other is joined to it."""
    row: dict[str, str] = {}
    for head, cell in zip(heads, cells, strict=False):
        if head and cell:
            row[head] = f"{row[head]}. {cell}" if head in row else cell
    return row


def _beat(row: dict[str, str], names: list[str], cells: list[str], heads: list[str], start: int, end: int) -> Beat:
    seen = row.get("seen") or row.get("scene") or row.get("camera") or row.get("said") or " ".join(cells)
    why = [f"{names[n]}: {cell}" for n, cell in enumerate(cells) if cell and n < len(names) and not heads[n]]
    why += [f"{head}: {row[head]}" for head in ("number", "scene") if row.get(head)]
    filmed = directions(" ".join(part for part in (row.get("camera", ""), seen) if part))
    beat = Beat(seen, start, end, size=filmed.size, angle=filmed.angle, camera=filmed.camera, seconds=filmed.seconds)
    if beat.size is None and (size := bare_pattern("sizes").search(row.get("camera", ""))):
        beat.size = legal(bare("sizes")[size[0].lower()], ShotSize)  # "Wide", where prose says "wide shot"
    letters = words_of("words")["size_letters"]
    if beat.size is None and (
        short := next((part for part in re.findall(r"[A-Z]+", row.get("camera", "")) if part in letters), "")
    ):
        beat.size = letters[short]
    words = seen if re.fullmatch(r"title(?: card)?|card", row.get("camera", "").strip(), re.I) else card_of(seen)
    if words:
        beat.title, beat.text = words, f"Title card: {words}"
    if heard := row.get("sound", ""):  # of what is heard, only what somebody says is a line
        if re.search(r":\s|[\"“«]", heard) and not re.match(r"(?:music|sfx|sound|fx)\b", heard, re.I):
            row["said"] = " / ".join(part for part in (row.get("said", ""), heard) if part)
        else:
            why.append(f"sound: {heard}")
    if row.get("camera"):
        why.append(f"camera: {row['camera']}")
    if found := re.search(r"\d+(?:\.\d+)?", row.get("seconds", "")):
        seconds = float(found[0])
        beat.seconds = seconds if 0 < seconds <= 600 else None
        why.append(f"length: {row['seconds']}")
    if row.get("transition"):
        beat.transition = transition_in(row["transition"])
        why.append(f"joined by: {row['transition']}")
    beat.said = [said for part in re.split(r"\s+/\s+|<br ?/?>", row.get("said", "")) if (said := _said(part))]
    beat.speaking = next((said.speaker for said in beat.said if said.speaker and said.speaker in seen), "")
    beat.why = why
    beat.scene = row.get("scene", "") if row.get("seen") else ""
    return beat


def _said(text: str) -> Said | None:
    """Read a cell of speech: `Mara (softly): Not tonight.`, or the words alone."""
    text = text.strip().strip('"“”')
    if not text or re.fullmatch(r"[-–—.]+|none|n/a|silence", text, re.I):
        return None
    if match := re.match(r"([^\W\d_][\w'’ -]{0,30}?)\s*(?:\(([^)]*)\))?\s*:\s+(.+)$", text, re.S):
        narrator = re.fullmatch(r"(?:narrator|vo|v\.o\.|voice[- ]?over|narration)", match[1], re.I)
        return Said(match[3].strip('"“” '), "" if narrator else match[1], match[2] or "")
    return Said(text)


def _kind(head: str) -> str:
    head = re.sub(r"[*_`]|\((?:s|secs?|seconds?)\)", "", head).strip().lower()
    return next((kind for kind, pattern in _HEADS.items() if re.fullmatch(pattern, head)), "")


def _cells(line: str) -> list[str]:
    """Divide a row at its bars, but not at escaped ones."""
    line = line.strip().removeprefix("|")
    line = re.sub(r"(?<!\\)\|$", "", line)
    return [" ".join(cell.replace("\\|", "|").split()) for cell in re.split(r"(?<!\\)\|", line)]
