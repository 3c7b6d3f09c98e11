import json
from xml.etree import ElementTree

from reelgraph.video_tools.checks.report import as_json, junit, table, verdict
from reelgraph.video_tools.film import Finding

BLACK = Finding(
    check="black", outcome="failed", value=1, threshold=0.98, unit="share", first_frame=3, last_frame=7,
    message="black for 5 frames",
)  # fmt: skip
NOISE = Finding(
    check="noise", outcome="failed", value=3, threshold=2.3, first_frame=2, last_frame=2, message="covered",
    blocking=False,
)  # fmt: skip
FINDINGS = {
    "a.mp4": [
        Finding(check="frozen", outcome="passed", value=0.1, threshold=0.5, unit="s"),
        BLACK,
        Finding(check="clicks", outcome="not_applicable", message="there is no sound"),
    ],
    "b <&>\x07.mp4": [NOISE, Finding(check="camera", outcome="unknown", message="nothing to see")],
}


def test_table_shows_failures_first_and_counts_the_rest() -> None:
    assert table(FINDINGS) == (
        "a.mp4: 1 failed, 1 passed, 1 not applicable\n"
        "  failed  black  frames 3-7  1 (limit 0.98) share  black for 5 frames\n"
        "b <&>\x07.mp4: 1 failed, 1 unknown\n"
        "  failed (advice)  noise   frame 2  3 (limit 2.3)  covered\n"
        "  unknown          camera                          nothing to see"
    )
    assert len(table(FINDINGS, all=True).splitlines()) == 7


def test_table_shows_what_passed_only_where_it_says_something() -> None:
    cuts = Finding(check="cut", outcome="passed", value=1, unit="cuts", message="cuts at 29")
    assert table({"a.mp4": [FINDINGS["a.mp4"][0], cuts]}) == "a.mp4: 2 passed\n  passed  cut    1 cuts  cuts at 29"


def test_only_blocking_failures_count() -> None:
    assert [verdict(own) for own in FINDINGS.values()] == [False, True]
    data = json.loads(json.dumps(as_json(FINDINGS)))
    assert data["passed"] is False
    assert data["files"]["a.mp4"]["findings"][1]["last_frame"] == 7


def test_junit_is_well_formed_and_counts_each_kind() -> None:
    root = ElementTree.fromstring(junit(FINDINGS))
    assert {k: root.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "1", "skipped": "2",
    }  # fmt: skip
    assert [s.get("name") for s in root] == ["a.mp4", "b <&>.mp4"]
    failure = root.find("./testsuite/testcase[@name='black']/failure")
    assert failure is not None
    assert failure.get("message") == "black for 5 frames; frames 3-7; 1 (limit 0.98) share"
