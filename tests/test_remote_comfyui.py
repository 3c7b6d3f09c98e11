"""A workflow on a ComfyUI server, by a fake of one: what is sent, what is found again, and what is refused before."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comfy_server import FROM_PICTURE, SETTINGS, WORKFLOW, ComfyServer, serving_comfy
from PIL import Image
from remote_calls import RemoteConformance, error_of, request, run

from reelgraph.video_tools.backends.base import Backend, Call, Event, Job, Made, Progress
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.errors import Cancelled, InvalidRequest, JobLost, OutcomeUnknown, PermanentFailure
from reelgraph.video_tools.film import Shot
from reelgraph.video_tools.generation import Published, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ComfyServer]:
    with serving_comfy(ComfyServer(tmp_path)) as running:
        yield running


def workflow(folder: Path, nodes: Any = WORKFLOW) -> str:
    path = folder / "workflow.json"
    path.write_text(json.dumps(nodes))
    return str(path)


def remote(server: ComfyServer, **changes: Any) -> Remote:
    model = changes.pop("model", "") or workflow(server.folder)
    return Remote({**SETTINGS, "base_urls": [server.url], "model": model, **changes})


def job_of(server: ComfyServer, number: int = 1) -> Job:
    return Job(server.url, f"00000000-0000-4000-8000-{number:012}")


class TestConformance(RemoteConformance):
    @pytest.fixture(autouse=True)
    def _served(self, server: ComfyServer) -> None:
        self.server = server

    @pytest.fixture
    def backend(self) -> Backend:
        return remote(self.server, jobs=2)

    def remote(self, **changes: Any) -> Remote:
        return remote(self.server, **changes)


def test_workflow_is_sent_with_a_calls_values_and_nothing_else_of_it_changes(server: ComfyServer) -> None:
    run(remote(server))
    expected = json.loads(json.dumps(WORKFLOW))
    expected["6"]["inputs"]["text"], expected["3"]["inputs"]["seed"], expected["58"]["inputs"]["fps"] = "a fox", 1, 24
    expected["40"]["inputs"] |= {"width": 64, "height": 64, "length": 24}
    assert server.accepted == [expected]


def test_take_names_the_workflow_and_not_where_it_lies(server: ComfyServer) -> None:
    (made,) = run(remote(server))
    assert isinstance(made, Made)
    assert made.notes == {"server": server.url, "job": job_of(server).id, "model": "workflow.json"}


def test_lost_reply_is_found_by_what_the_job_was_called_wherever_it_is(server: ComfyServer) -> None:
    server.faults.drop_reply = 1
    backend = remote(server)
    assert isinstance(error_of(backend), OutcomeUnknown) and len(server.accepted) == 1
    for _ in range(4):  # while it waits, while it runs, and when it is done
        assert backend.find_job(Call(request(), "a1")) == job_of(server)
    assert backend.find_job(Call(request(), "a2")) is None
    (made,) = run(backend, Call(request(), "a1", job=job_of(server)))
    assert isinstance(made, Made) and len(server.accepted) == 1


def test_place_in_the_queue_is_told(server: ComfyServer) -> None:
    server.looks = 10**6
    heard: list[Event] = []

    def stop(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Progress) and event.step:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        run(remote(server), Call(request(), "a1"), Call(request(seed=2), "a2"), on_event=stop)
    assert [e.said for e in heard if isinstance(e, Progress) and e.said] == ["0 before it in the queue"]


def test_failed_workflow_says_which_node_and_why(server: ComfyServer) -> None:
    server.faults.fail = "out of\nmemory"
    error = error_of(remote(server))
    assert type(error) is PermanentFailure and str(error) == f"{server.url}: Sampler: out of memory"


def test_workflow_that_the_server_refuses_says_what_of_it(server: ComfyServer) -> None:
    wrong = json.loads(json.dumps(WORKFLOW))
    wrong["3"]["inputs"]["steps"] = "many"
    error = error_of(remote(server, model=workflow(server.folder, wrong)))
    assert isinstance(error, InvalidRequest) and "failed validation: 3.steps: 'many'" in str(error)


def test_picture_that_does_not_arrive_begins_nothing_and_is_sent_again(server: ComfyServer, tmp_path: Path) -> None:
    path = tmp_path / "first.png"
    Image.new("RGB", (64, 64), (200, 30, 30)).save(path)
    begun = request(references=[{"content": "ab" * 32, "role": "first_frame"}])
    server.faults.upload = 2
    (made,) = run(remote(server, **FROM_PICTURE), Call(begun, "a1", references={"ab" * 32: path}))
    assert isinstance(made, Made) and len(server.accepted) == 1
    name = server.accepted[0]["52"]["inputs"]["image"]
    assert name.startswith("reelgraph-")
    assert Image.open(io.BytesIO(server.pictures[name])).getpixel((5, 5)) == (200, 30, 30)


def test_workflow_that_begins_on_a_picture_is_not_run_on_the_one_it_was_exported_with(server: ComfyServer) -> None:
    backend = remote(server, **FROM_PICTURE)
    assert backend.capabilities().modes == {"image"}
    error = error_of(backend)
    assert isinstance(error, InvalidRequest) and "needs a first_frame" in str(error) and server.accepted == []


def test_job_lost_in_a_restart_is_lost(server: ComfyServer) -> None:
    assert isinstance(error_of(remote(server), Call(request(), "a1", job=job_of(server))), JobLost)
    server.faults.broken = 3
    (made,) = run(remote(server, lost_after=30))
    assert isinstance(made, Made)


def test_workflow_of_several_videos_is_fetched_once_it_is_said_which(server: ComfyServer) -> None:
    server.faults.several = True
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "of node 58" in str(error) and "of node 59: set output" in str(error)
    nodes = WORKFLOW | {"59": {"class_type": "SaveVideo", "inputs": {}}}
    told = remote(server, model=workflow(server.folder, nodes), output="59")
    (made,) = run(told, Call(request(), "a1", job=job_of(server)))
    assert isinstance(made, Made) and len(server.accepted) == 1


@pytest.mark.parametrize(("looks", "keep"), [(10**6, True), (1, False), (2, False)])
def test_cancelled_job_stays_open_unless_it_is_gone(
    server: ComfyServer, tmp_path: Path, looks: int, keep: bool
) -> None:
    server.looks, server.faults.keep = 10**6, keep
    ledger, wanted = Ledger(tmp_path / "p"), Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and sum(path == "/queue" for _, path in server.requests) >= min(looks, 2):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(shoot(ledger, remote(server), [wanted], film="f", on_event=stop))
    assert [a.state for a in ledger.attempts()] == ["submitted" if keep else "failed"]
    server.looks = 2
    (again,) = shoot(ledger, remote(server), [wanted], film="f")
    assert isinstance(again, Published) and len(server.accepted) == (1 if keep else 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": ""}, "name a workflow"),
        ({"model": "nowhere.json"}, "nowhere.json cannot be read"),
        ({"inputs": {"prompt": "6.words"}}, "has no '6.words': there is 6.text"),
        ({"inputs": {"prompt": "7.text"}}, "has no '7.text': there is no node 7"),
        ({"inputs": {"prompt": "3.positive"}}, "'3.positive' is wired to node 6"),
        ({"inputs": {"prompt": "6.text", "seed": "6.text"}}, "'6.text' is filled twice"),
        ({"inputs": {"prompt": "6.text", "references": "52.image"}}, "takes one picture"),
        ({"output": "60"}, "has no node 60"),
    ],
)
def test_workflow_that_cannot_be_told_it_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    usual = {"rates": ["16"], "most_frames": 81, "sizes": [[832, 480]], "model": workflow(tmp_path)}
    with pytest.raises(InvalidRequest) as refused:
        Remote({**SETTINGS, **usual, **changes})
    assert words in str(refused.value)


def test_what_is_no_workflow_in_the_api_format_is_refused(tmp_path: Path) -> None:
    for nodes in ({"nodes": [], "links": []}, [], {}, {"3": {"inputs": {}}}):
        with pytest.raises(InvalidRequest, match="no workflow in the API format"):
            Remote({**SETTINGS, "model": workflow(tmp_path, nodes)})


def test_fingerprint_is_the_workflows_wherever_its_file_is(tmp_path: Path) -> None:
    own = Remote({**SETTINGS, "model": workflow(tmp_path)}).fingerprint()
    (tmp_path / "other").mkdir()
    assert Remote({**SETTINGS, "model": workflow(tmp_path / "other")}).fingerprint() == own
    changed = json.loads(json.dumps(WORKFLOW))
    changed["3"]["inputs"]["steps"] = 30
    assert Remote({**SETTINGS, "model": workflow(tmp_path, changed)}).fingerprint() != own
