"""What the graph, the tools and starting up cost.

    python benchmarks/graph.py [--json] [--quick]

The graph is the film graph with nodes that do nothing but say, in the form that ours say it, that a shot is made: what
is measured is LangGraph's and the checkpointer's share, with the project's own checkpointer settings. Runs of one graph
with and without the saver alternate in one process, each from a swept heap; `saver_ms_per_node` is the median of the
differences of neighbours, in CPU of all threads, since what else the machine does falls on both alike. Start-up is
measured in CPU of whole processes, in alternation, medians.
"""

import argparse
import gc
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

from goals import report
from langgraph.types import Command, Send

from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.run import checkpointer
from reelgraph.graphs.state import FilmState, Wave
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

GOALS: dict[str, tuple[str, float]] = {
    "bytes_growth": ("<=", 11), "kb_per_shot": ("<=", 1), "saver_ms_per_node": ("<=", 0.5),
    "import_x_python": ("<=", 5), "help_x_python": ("<=", 12), "tools_over_imports": ("<=", 1.15),
    "schema_tokens": ("<", 2500),
}  # fmt: skip
STARTS = {
    "python": "pass",
    "import": "import reelgraph",
    "help": "from reelgraph.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
    "imports": "import langgraph.graph, langgraph.prebuilt, langchain_core.tools",
    "tools": "import sys\nfrom reelgraph.video_tools.toolkit import VideoToolkit as T\nT(sys.argv[1]).get_tools()",
}


def main() -> int:
    """Measure, print, and return 0 where every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    few, many = (50, 500) if options.quick else (100, 1000)
    figures: dict[str, float] = {}
    small, _ = graph_bytes(few, runs=1)
    large, per_node = graph_bytes(many, runs=5 if options.quick else 15)
    # A power of ten in shots, whatever the size, so that the growth has one meaning.
    figures |= {"bytes_growth": large / small, "kb_per_shot": large / many / 1024, "saver_ms_per_node": per_node}
    figures |= start_up(3 if options.quick else 9)
    figures["schema_tokens"] = schema_tokens()
    return report("graph", figures, GOALS, options.json, packages=("langgraph", "langchain-core"))


# --- the graph -------------------------------------------------------------------------------------------------------


def quiet_graph(shots: int) -> Any:
    """Build the film graph of one round over so many shots, each a wave, with nodes that make nothing."""
    ids = [f"s{n // 100 + 1:02d}-{n % 100:02d}" for n in range(shots)]

    def planner(state: FilmState) -> Command[Literal["generator"]]:
        sends = [Send("generator", Wave(began=1.8e9, film="f", storyboard=1, shots=[id])) for id in ids]
        update = {"film": "f", "storyboard": 1, "round": 1, "takes": {}, "reused": 0, "sent": 1.8e9, "began": 1.8e9}
        update |= {"seconds": {"plan": 0.1}}
        return Command(update=update, goto=sends)

    def generator(wave: Wave) -> Command[Literal["editor"]]:
        (id,) = wave["shots"]
        key = id.encode().hex().ljust(64, "0")
        return Command(update={"takes": {id: key}, "changed": [id]}, goto="editor")

    def editor(state: FilmState) -> Command[Literal["critic"]]:
        update = {"cut": 1, "generated": shots, "sent": 0.0, "seconds": {"generate": 0.1, "edit": 0.1}}
        return Command(update=update, goto="critic")

    def critic(state: FilmState) -> Command[Literal["wrap"]]:
        return Command(update={"review": 1, "approved": True, "seconds": {"check": 0.1}}, goto="wrap")

    def wrap(state: FilmState) -> dict[str, object]:
        return {"seconds": {"wrap": 0.1}}

    return create_film_graph(planner=planner, generator=generator, editor=editor, critic=critic, wrap=wrap)


def graph_bytes(shots: int, *, runs: int) -> tuple[int, float]:
    """Return the bytes of checkpoints and writes of one run, and the CPU milliseconds a node that saving adds."""
    builder = quiet_graph(shots)
    config: Any = {"configurable": {"thread_id": "1"}, "max_concurrency": 4}
    without, with_saver, size = [], [], 0
    for _ in range(runs):
        without.append(cpu_of(lambda: builder.compile().invoke({"brief": "b"}, config)))
        with tempfile.TemporaryDirectory() as folder:
            studio = Studio(Project.open(Path(folder) / "p"))
            with checkpointer(studio) as saver:
                saver.setup()
                graph = builder.compile(checkpointer=saver)
                with_saver.append(cpu_of(lambda graph=graph: graph.invoke({"brief": "b"}, config)))
            connection = sqlite3.connect(studio.project.checkpoints)
            columns = (("checkpoint", "checkpoints"), ("value", "writes"))
            size = sum(
                connection.execute(f"select coalesce(sum(length({c})), 0) from {t}").fetchone()[0] for c, t in columns
            )
            connection.close()
    nodes = shots + 4
    added = [a - b for a, b in zip(with_saver, without, strict=True)]
    return size, statistics.median(added) / nodes * 1000


def cpu_of(work: Any) -> float:
    """Return the CPU seconds of all threads of this process while some work is done, from a swept heap."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


# --- starting up -----------------------------------------------------------------------------------------------------


def start_up(runs: int) -> dict[str, float]:
    """Compare the CPU of starting processes, in alternation."""
    spent: dict[str, list[float]] = {name: [] for name in STARTS}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs + 1):  # the first warms the caches and is not counted
            for name, code in STARTS.items():
                seconds = child_cpu([sys.executable, "-c", code, f"{folder}/p"])
                if run:
                    spent[name].append(seconds)
    middle = {name: statistics.median(values) for name, values in spent.items()}
    return {
        "import_x_python": middle["import"] / middle["python"],
        "help_x_python": middle["help"] / middle["python"],
        "tools_over_imports": middle["tools"] / middle["imports"],
    }


def child_cpu(command: list[str]) -> float:
    """Run a process to its end, and return the CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "80"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def schema_tokens() -> float:
    """Count the tokens of the toolkit's schemas: characters of the JSON that a model is sent, over four."""
    from langchain_core.utils.function_calling import convert_to_openai_tool

    from reelgraph.video_tools.toolkit import VideoToolkit

    with tempfile.TemporaryDirectory() as folder:
        return len(json.dumps([convert_to_openai_tool(t) for t in VideoToolkit(f"{folder}/p").get_tools()])) / 4


if __name__ == "__main__":
    sys.exit(main())
