"""Read Final Draft (FDX) screenplays by writing them as Fountain, which planning reads.

The kept parser (screenplay-tools) takes only the first run of a paragraph, so a word in italics would lose the rest
of its line.
"""

import re
from xml.etree import ElementTree

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.planning import fountain

_MARKERS = ("!", "@", "~", ">", "#", "=", ".")


def fountain_of(xml: str, where: str) -> str:
    """Write an FDX screenplay as Fountain text, forcing each element so that it reads back as what it was.

    Args:
        xml: The file's text.
        where: What to call it in an error.

    Raises:
        InvalidRequest: It is not FDX, or declares XML entities.
    """
    if re.search(r"<!(?:DOCTYPE|ENTITY)", xml):
        raise InvalidRequest(f"{where} declares XML entities, which FDX does not use: export it again")
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml))
    except ElementTree.ParseError as error:
        raise InvalidRequest(f"{where} is not FDX: {error}") from error
    content = root.find("Content")
    if root.tag != "FinalDraft" or content is None:
        raise InvalidRequest(f"{where} is not FDX: it has no FinalDraft content")
    out = _title_page(root)
    for paragraph in content.iter("Paragraph"):
        # dual dialogue holds its paragraphs inside another one
        if text := "".join("".join(run.itertext()) for run in paragraph.findall("Text")).strip():
            out.append(_element(paragraph.get("Type", "Action"), text, dual=_is_second(content, paragraph)))
    text = re.sub(r"\n{3,}", "\n\n", "".join(out)).strip("\n") + "\n"
    if not text.strip():
        raise InvalidRequest(f"{where} is empty: it has no paragraphs")
    return text


def _title_page(root: ElementTree.Element) -> list[str]:
    page = root.find("TitlePage/Content")
    if page is None:
        return []
    for paragraph in page.iter("Paragraph"):
        if text := " ".join("".join(run.itertext()) for run in paragraph.findall("Text")).strip():
            return [f"Title: {' '.join(text.split())}\n\n"]
    return []


def _is_second(content: ElementTree.Element, paragraph: ElementTree.Element) -> bool:
    """Tell whether a cue is the second of two that speak at once."""
    if paragraph.get("Type") != "Character":
        return False
    for dual in content.iter("DualDialogue"):
        cues = [p for p in dual.iter("Paragraph") if p.get("Type") == "Character"]
        if paragraph in cues[1:]:
            return True
    return False


def _element(kind: str, text: str, *, dual: bool) -> str:
    line = " ".join(text.split())
    if kind.startswith("Scene Heading"):
        return f"\n\n{line if fountain.looks_like(line) else '.' + line}\n\n"
    if kind == "Character":
        return f"\n\n@{line}{' ^' if dual else ''}\n"
    if kind == "Parenthetical":
        return f"({line.strip('()')})\n"
    if kind == "Dialogue":
        # an empty line would end the speech
        return "".join(f"{part}\n" for part in re.split(r"\s*\n\s*", text))
    if kind == "Transition":
        return f"\n\n> {line}\n\n"
    if kind in ("Lyrics", "Singing"):
        return f"~{line}\n"
    return f"\n\n{'!' if line.startswith(_MARKERS) or fountain.looks_like(line) or line.isupper() else ''}{line}\n\n"
