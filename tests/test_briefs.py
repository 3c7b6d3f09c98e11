import os
from pathlib import Path

import pytest
from screenplay_tools.fountain.parser import Parser

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.planning.briefs import MOST_BYTES, brief_of_text, read_brief
from reelgraph.video_tools.planning.fountain import elements

EXAMPLES = Path(__file__).parent.parent / "examples" / "briefs"
SCRIPT = """Title:
    _**The Lamp**_
Credit: written by
Author: Somebody
Draft date: 1/1/2026

# Act One

= The keeper is alone.

INT. LIGHTHOUSE - NIGHT #1A#

The keeper, MARA (60s, grey coat), climbs. /* cut
this away */ She stops.
The stair goes on.

[[a note]] Rain.

MARA (V.O.)
(softly)
Not tonight.
\x20\x20
Still me.

@McAVOY
Hello.

JON ^
Hi!

.SNIPER SCOPE POV

!SCREAMING FORCED ACTION

> CENTRED <

~Lyric line

CUT TO:

> Smash of light

===

EXT. BEACH - DAY

ÉLODIE
Bonjour.
"""


def kinds(text: str) -> list[tuple[str, str, str]]:
    return [(e.kind, e.text, e.detail) for e in elements(text)]


def test_fountain_reads_every_element_of_the_syntax() -> None:
    assert kinds(SCRIPT) == [
        ("title", "The Lamp", "title"),
        ("title", "written by", "credit"),
        ("title", "Somebody", "author"),
        ("title", "1/1/2026", "draft date"),
        ("section", "Act One", "1"),
        ("synopsis", "The keeper is alone.", ""),
        ("heading", "INT. LIGHTHOUSE - NIGHT", "1A"),
        ("action", "The keeper, MARA (60s, grey coat), climbs. She stops. The stair goes on.", ""),
        ("boneyard", "cut this away", ""),
        ("action", "Rain.", ""),
        ("note", "a note", ""),
        ("character", "MARA", "V.O."),
        ("parenthetical", "softly", ""),
        ("dialogue", "Not tonight. Still me.", ""),
        ("character", "McAVOY", ""),
        ("dialogue", "Hello.", ""),
        ("character", "JON", ""),
        ("dialogue", "Hi!", ""),
        ("heading", "SNIPER SCOPE POV", ""),
        ("action", "SCREAMING FORCED ACTION", ""),
        ("centered", "CENTRED", ""),
        ("lyric", "Lyric line", ""),
        ("transition", "CUT TO:", ""),
        ("transition", "Smash of light", ""),
        ("page_break", "", ""),
        ("heading", "EXT. BEACH - DAY", ""),
        ("character", "ÉLODIE", ""),
        ("dialogue", "Bonjour.", ""),
    ]


def test_fountain_marks_the_second_of_two_who_speak_at_once() -> None:
    assert [e.dual for e in elements(SCRIPT) if e.kind == "character"] == [False, False, True, False]


def test_fountain_elements_name_their_place_in_the_text() -> None:
    for element in elements(SCRIPT):
        last = element.text.split()[-1] if element.text else ""
        assert last in SCRIPT[element.start : element.end]


def test_fountain_fade_in_first_is_no_title_page_and_an_open_boneyard_hides_nothing() -> None:
    assert kinds("FADE IN:\n\nEXT. SEA - DAY\n\nWaves /* and wind.\n") == [
        ("transition", "FADE IN:", ""),
        ("heading", "EXT. SEA - DAY", ""),
        ("action", "Waves /* and wind.", ""),
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.fountain")), ids=lambda path: path.name)
def test_fountain_agrees_with_the_kept_parser_where_both_apply(path: Path) -> None:
    # the kept parser takes FADE IN: for a scene heading, and knows no offsets: for the rest it is the oracle
    text = path.read_text("utf-8").replace("FADE IN:\n", "")
    parser = Parser()
    parser.mergeActions = False
    parser.add_text(text)
    names = {"HEADING": "heading", "CHARACTER": "character", "DIALOGUE": "dialogue", "PARENTHETICAL": "parenthetical"}
    theirs = []
    for element in parser.script.elements:
        if element.type.name in names:
            said = getattr(element, "name", None) or element.text_raw
            theirs.append((names[element.type.name], " ".join(said.split())))
    ours = [(e.kind, e.text) for e in elements(text) if e.kind in names.values()]
    assert ours == theirs


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("shots:\n  - prompt: &ball a red ball\n  - prompt: *ball\n", r"line 3: aliases \(\*name\) are not read"),
        ("scenes:\n  - shots: [{prompt: a boat, seconds: 2\n", "line 3: expected"),
        ('{"title": "Sea", "shots": [{"prompt": "a boat", "seconds": 2},', "expected the node content"),
    ],
)
def test_a_broken_storyboard_is_refused_and_not_told_as_prose(text: str, fault: str) -> None:
    with pytest.raises(InvalidRequest, match=fault):
        brief_of_text(text)


def test_a_list_under_prose_is_no_storyboard() -> None:
    assert brief_of_text("scenes: a boy runs.\n- He falls.\n").form == "prose"


@pytest.mark.parametrize(
    ("name", "text", "form", "title"),
    [
        ("a.txt", "A cat sleeps.", "prose", ""),
        ("a.txt", "Title: Sleep\n\nA cat sleeps.", "prose", "Sleep"),
        ("a.md", "# Sleep\n\nA cat sleeps.", "markdown", "Sleep"),
        ("a.fountain", "Title: Sleep\n\nEXT. ROOF - DAY\n\nA cat sleeps.", "fountain", "Sleep"),
        ("a.txt", "EXT. ROOF - DAY\n\nA cat sleeps.", "fountain", ""),
        ("a.yaml", "title: Sleep\nshots: [{prompt: A cat sleeps, seconds: 2}]", "storyboard", "Sleep"),
        ("a.json", '{"shots": [{"prompt": "A cat sleeps", "seconds": 2}]}', "storyboard", ""),
        ("a", "shots:\n- {prompt: A cat sleeps, seconds: 2}", "storyboard", ""),
    ],
)
def test_brief_form_and_title_are_recognised(tmp_path: Path, name: str, text: str, form: str, title: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    brief = read_brief(tmp_path / name)
    assert (brief.form, brief.title, brief.text) == (form, title, text)
    assert read_brief(str(tmp_path / name)) == brief


def test_brief_of_one_sentence_keeps_its_exact_signs() -> None:
    text = "🐱 Кот — это я, 100%{n} off: don't stop"
    assert read_brief(text).text == text
    assert read_brief("lighthouse").text == "lighthouse"


def test_brief_text_is_never_taken_for_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A cat sleeps.")
    assert brief_of_text(str(path)).text == str(path)


def test_brief_reads_windows_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffA cat sleeps.\r\nIt wakes.\r\n".encode())
    (tmp_path / "b.txt").write_bytes("A cat sleeps.\r\nIt wakes.\r\n".encode("utf-16"))
    for name in ("a.txt", "b.txt"):
        assert read_brief(tmp_path / name).text == "A cat sleeps.\nIt wakes.\n"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.md", b" \n\t\n", "is empty"),
        ("signs.txt", b"... --- !!!", "is empty"),
        ("binary.txt", bytes(range(256)), "binary"),
        ("latin.txt", "déjà vu".encode("latin-1"), "not UTF-8"),
        ("a.pdf", b"%PDF-1.7", "export it as text"),
        ("huge.txt", b"a cat. " * (MOST_BYTES // 7 + 1), "at most"),
        ("bad.fdx", b"<FinalDraft><Content>", "is not FDX"),
        ("bad.otio", b'{"a": 1}', "holds no timeline"),
        ("bomb.fdx", b'<!DOCTYPE a [<!ENTITY b "c">]><FinalDraft/>', "XML entities"),
    ],
)
def test_brief_that_cannot_be_read_says_why_in_one_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InvalidRequest, match=says) as caught:
        from reelgraph.video_tools.planning.offline import plan_offline

        plan_offline(read_brief(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_brief_that_is_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="is a folder"):
        read_brief(tmp_path)
    with pytest.raises(InvalidRequest, match="there is no file"):
        read_brief(tmp_path / "missing.fountain")
    with pytest.raises(InvalidRequest, match="there is no file"):
        read_brief("missing.fountain")
    with pytest.raises(InvalidRequest, match="is empty"):
        read_brief("   ")
    with pytest.raises(InvalidRequest, match="more than 0 s"):
        read_brief("A cat sleeps.", seconds=0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_brief_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A cat sleeps.")
    path.chmod(0)
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_brief(path)


def test_fdx_reads_as_the_same_screenplay(tmp_path: Path) -> None:
    (tmp_path / "a.fdx").write_text(
        """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="5"><Content>
<Paragraph Type="Scene Heading"><Text>INT. ATTIC - NIGHT</Text></Paragraph>
<Paragraph Type="Action"><Text>A box </Text><Text Style="Italic">opens</Text><Text> by itself.</Text></Paragraph>
<Paragraph Type="Character"><Text>Ida (O.S.)</Text></Paragraph>
<Paragraph Type="Parenthetical"><Text>(calling)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Who is there?</Text></Paragraph>
<Paragraph Type="Transition"><Text>DISSOLVE TO:</Text></Paragraph>
<Paragraph><DualDialogue>
<Paragraph Type="Character"><Text>IDA</Text></Paragraph><Paragraph Type="Dialogue"><Text>Me!</Text></Paragraph>
<Paragraph Type="Character"><Text>BEN</Text></Paragraph><Paragraph Type="Dialogue"><Text>You!</Text></Paragraph>
</DualDialogue></Paragraph>
</Content><TitlePage><Content><Paragraph><Text>The Box</Text></Paragraph></Content></TitlePage></FinalDraft>""",
        "utf-8",
    )
    brief = read_brief(tmp_path / "a.fdx")
    assert (brief.form, brief.title) == ("fdx", "The Box")
    assert [(e.kind, e.text, e.detail, e.dual) for e in elements(brief.text)] == [
        ("title", "The Box", "title", False),
        ("heading", "INT. ATTIC - NIGHT", "", False),
        ("action", "A box opens by itself.", "", False),
        ("character", "Ida", "O.S.", False),
        ("parenthetical", "calling", "", False),
        ("dialogue", "Who is there?", "", False),
        ("transition", "DISSOLVE TO:", "", False),
        ("character", "IDA", "", False),
        ("dialogue", "Me!", "", False),
        ("character", "BEN", "", True),
        ("dialogue", "You!", "", False),
    ]
