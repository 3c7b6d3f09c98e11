"""Around every generation call: adopt, reserve, record, generate, examine, encode, publish, reconcile.

Nothing else calls `Backend.generate`, so a ceiling cannot be passed and a paid call cannot be forgotten, whoever asks.
"""

import json
import shutil
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.backends.base import (
    Backend,
    Call,
    Event,
    Failed,
    FindsJobs,
    Job,
    Made,
    OnEvent,
    Progress,
    Sound,
    Submitted,
    check_request,
)
from reelgraph.video_tools.budget import Limits, reserve
from reelgraph.video_tools.errors import (
    Cancelled,
    CorruptProject,
    InvalidRequest,
    JobLost,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
    TransientFailure,
)
from reelgraph.video_tools.film import (
    Finding,
    Shot,
    Spend,
    Substitution,
    Take,
    TakeRequest,
    canonical,
    digest,
    first_fault,
)
from reelgraph.video_tools.ledger import OPEN_STATES, Ledger
from reelgraph.video_tools.sound_alone import write_sound_alone
from reelgraph.video_tools.timebase import frames_of

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Wanted:
    """A take that a shot needs.

    Attributes:
        shot: The shot.
        request: What is asked for.
        substitutions: What fitting the plan to the back end changed.
        above: What the shot needs after it, on the rungs above.
        waits_for: The shot whose take it should go on from, and which has none yet.
        notes: What it is made from, for the take.
    """

    shot: Shot
    request: TakeRequest
    substitutions: tuple[Substitution, ...] = ()
    above: tuple[TakeRequest, ...] = ()
    waits_for: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unmade:
    """A take that could not be made, and why."""

    wanted: Wanted
    error: ReelgraphError


@dataclass(frozen=True)
class Published:
    """A take that is in the ledger; `reused` when it was there before."""

    wanted: Wanted
    take: Take
    reused: bool


def waves(wanted: Sequence[Wanted], max_batch: int) -> list[list[Wanted]]:
    """Group takes that one call of the back end can make: same shape, up to `max_batch`, each in film order."""

    def shape(item: Wanted) -> tuple[object, ...]:
        r = item.request
        roles = tuple((x.role, x.frame) for x in r.references)
        adapters = tuple((a.name, a.scale) for a in r.adapters)
        return (r.width, r.height, r.frames, r.rate, r.steps, r.guidance, bool(r.negative_prompt), roles, adapters)

    groups: dict[tuple[object, ...], list[Wanted]] = {}
    for item in wanted:
        groups.setdefault(shape(item), []).append(item)
    batches = [items[i : i + max_batch] for items in groups.values() for i in range(0, len(items), max_batch)]
    return sorted(batches, key=lambda batch: wanted.index(batch[0]))


def shoot(
    ledger: Ledger,
    backend: Backend,
    wave: Sequence[Wanted],
    *,
    film: str,
    limits: Mapping[str | None, Limits] = {},  # never written to
    on_event: OnEvent = lambda event: None,
    checks: Mapping[str, Mapping[str, Any]] = {},  # never written to
    resubmit_lost: int = 0,
) -> Iterator[Published | Unmade]:
    """Make the takes of one wave that the ledger does not have, and publish each as it becomes ready.

    Args:
        ledger: The project's ledger; the caller holds the writer's lock.
        backend: The back end.
        wave: Requests of one shape, at most `max_batch`.
        film: The film that pays.
        limits: Ceilings by film name; under None, the project's.
        on_event: Told of progress; may raise `Cancelled`.
        checks: By check, its thresholds.
        resubmit_lost: How often a request whose job a server lost may be sent again unasked.

    Raises:
        InvalidRequest: A check's settings are wrong; nothing was paid.
        Cancelled: `on_event` asked for it; what was published stands.
    """
    asked: dict[str, list[Wanted]] = {}
    for item in wave:
        asked.setdefault(item.request.key, []).append(item)
    unique = [items[0] for items in asked.values()]
    if any(ledger.take(key) is None for key in asked):
        from reelgraph.video_tools.checks.base import load_checks

        load_checks(checks)  # before anything is paid
    with closing(_shoot(ledger, backend, unique, film, limits, on_event, checks, resubmit_lost)) as results:
        for result in results:
            yield result
            for twin in asked[result.wanted.request.key][1:]:  # a shot that asks for the very same pixels
                same = replace(result, wanted=twin)
                yield replace(same, reused=True) if isinstance(same, Published) else same


def _shoot(
    ledger: Ledger,
    backend: Backend,
    wave: Sequence[Wanted],
    film: str,
    limits: Mapping[str | None, Limits],
    on_event: OnEvent,
    checks: Mapping[str, Mapping[str, Any]],
    resubmit_lost: int,
) -> Generator[Published | Unmade, None, None]:
    calls: dict[str, Wanted] = {}
    todo: list[Call] = []
    for item in wave:
        take = ledger.take(item.request.key)
        if take is not None:
            yield Published(item, take, reused=True)
            continue
        try:
            check_request(backend.capabilities(), item.request)
            call = _open_call(ledger, backend, item, film, limits, resubmit_lost)
        except ReelgraphError as error:
            yield Unmade(item, error)
            continue
        calls[call.attempt] = item
        todo.append(call)
    if not todo:
        return

    def heard(event: Event) -> None:
        if isinstance(event, Submitted):
            attempt = ledger.attempt(event.attempt)
            ledger.record(
                attempt.model_copy(update={"state": "submitted", "base_url": event.job.base_url, "job": event.job.id})
            )
        on_event(replace(event, shot=calls[event.attempt].shot.id) if isinstance(event, Progress) else event)

    began = time.monotonic()
    waiting = dict(calls)
    try:
        with closing(_as_generator(backend.generate(todo, heard))) as results:
            for result in results:
                settled = _settle(ledger, result, waiting[result.call.attempt], film, checks)
                del waiting[result.call.attempt]
                yield settled
    except (Cancelled, KeyboardInterrupt, GeneratorExit) as error:
        for id in waiting:
            # A server's job goes on after Ctrl-C: it stays open, and the next process adopts it.
            if isinstance(error, Cancelled) or not backend.capabilities().remote:
                _close(ledger, id, Cancelled("cancelled"), Spend(calls=1, generation_seconds=time.monotonic() - began))
        raise
    except Exception as error:  # a back end broke, which must lose neither its siblings' takes nor what it cost
        if backend.capabilities().remote:  # the server may go on: the attempts stay open, to be adopted
            raise
        broken = f"{backend.name} broke: {type(error).__name__}: {error}"
    else:
        broken = f"{backend.name} answered nothing"
    for id, item in waiting.items():
        failure = PermanentFailure(f"{item.shot.id}: {broken}; try again, and report it to its authors if it stays so")
        _close(ledger, id, failure, Spend(calls=1, generation_seconds=time.monotonic() - began))
        yield Unmade(item, failure)


def _open_call(
    ledger: Ledger,
    backend: Backend,
    item: Wanted,
    film: str,
    limits: Mapping[str | None, Limits],
    resubmit_lost: int,
) -> Call:
    """Reserve a new attempt, or adopt the one that an earlier process left open."""
    key = item.request.key
    references = {r.content: ledger.picture(ledger.by_content(r.content)) for r in item.request.references}
    tries = [a for a in ledger.attempts() if a.key == key]
    for attempt in [a for a in tries if a.state in OPEN_STATES]:
        call = Call(item.request, attempt.id, references=references)
        if not backend.capabilities().remote:
            # It died with its process. What it cost is at most its price, and the ceiling must hold.
            ledger.record(attempt.model_copy(update={"state": "lost", "spent": attempt.price}))
        elif attempt.job:
            return replace(call, job=Job(attempt.base_url, attempt.job))
        else:
            job = backend.find_job(call) if isinstance(backend, FindsJobs) else None
            if job is None:
                ledger.record(attempt.model_copy(update={"state": "ambiguous"}))
                raise OutcomeUnknown(
                    f"{item.shot.id}: whether the server accepted attempt {attempt.id} is unknown, so it was not "
                    f"sent again; {_resend(item, film)}"
                )
            ledger.record(attempt.model_copy(update={"state": "submitted", "base_url": job.base_url, "job": job.id}))
            return replace(call, job=job)
    lost = [a for a in tries if a.state == "lost" and a.job and not a.given_up]
    if len(lost) > resubmit_lost:  # each may have been paid for
        raise PermanentFailure(
            f"{item.shot.id}: the server lost job {lost[-1].job}, which may have cost {lost[-1].price.money:g}, so it "
            f"was not sent again; {_resend(item, film)}, as `resubmit_lost = 1` in reelgraph.toml does unasked"
        )
    price = backend.price(item.request)
    attempt = reserve(ledger, key, backend=backend.name, film=film, shot=item.shot.id, price=price, limits=limits)
    return Call(item.request, attempt.id, references=references)


def _settle(
    ledger: Ledger, result: Made | Failed, item: Wanted, film: str, checks: Mapping[str, Mapping[str, Any]]
) -> Published | Unmade:
    if isinstance(result, Failed):
        _close(ledger, result.call.attempt, result.error, result.spent)
        if isinstance(result.error, OutcomeUnknown):
            return Unmade(item, OutcomeUnknown(f"{result.error}; {_resend(item, film)}"))
        return Unmade(item, result.error)
    try:
        take = _publish(ledger, result, item, film, checks)
    except Cancelled:  # a back end that draws as it is read hears of it here
        raise
    except (ReelgraphError, OSError) as error:
        said = error if isinstance(error, ReelgraphError) else PermanentFailure(f"{item.shot.id}: {error}")
        _close(ledger, result.call.attempt, said, result.spent)
        return Unmade(item, said)
    done = ledger.attempt(result.call.attempt)
    ledger.record(done.model_copy(update={"state": "done", "spent": take.spent}))
    return Published(item, take, reused=False)


def _resend(item: Wanted, film: str) -> str:
    return f"look it up there, then `reelgraph resume --film {film} --resend {item.shot.id}` sends it once more"


def _close(ledger: Ledger, id: str, error: ReelgraphError, spent: Spend) -> None:
    kinds = {InvalidRequest: "invalid", TransientFailure: "transient", Cancelled: "cancelled"}
    kind = next((name for cls, name in kinds.items() if isinstance(error, cls)), "permanent")
    states = {OutcomeUnknown: "ambiguous", JobLost: "lost"}
    state = next((name for cls, name in states.items() if isinstance(error, cls)), "failed")
    update = {"state": state, "error": str(error), "error_kind": kind, "spent": spent}
    ledger.record(ledger.attempt(id).model_copy(update=update))


def _publish(ledger: Ledger, made: Made, item: Wanted, film: str, checks: Mapping[str, Mapping[str, Any]]) -> Take:
    """Encode what was made, examining the frames on their way, and publish it."""
    if made.frames is None and made.media is None and made.sound is not None:
        return _publish_sound(ledger, made, made.sound, item, film)
    # Imported here: numpy, PyAV and OpenCV are not needed to list, estimate or reuse takes.
    from reelgraph.video_tools.checks.examiner import Examiner
    from reelgraph.video_tools.editing.media import decode, encode_picture, probe, read_sound, write_png, write_wav

    request = made.call.request
    with ledger.staging() as folder:
        sound = made.sound
        frames: Iterable[np.ndarray]
        if made.media is not None:
            facts = probe(made.media)
            sound = read_sound(made.media) if facts.has_sound else None
            frames, rate = decode(made.media), facts.rate
        elif made.frames is not None:
            frames, rate = made.frames, made.rate
        else:
            raise PermanentFailure(f"{request.backend} made neither frames nor a file")
        examiner = Examiner(request=request, shot=item.shot, sound=sound, rate=rate, checks=checks)
        poster = _Poster(request.frames // 2)
        stream = poster.watch(examiner.watch(poster.timed(frames)))
        still = request.frames == 1
        if made.media is not None:  # kept as the server made it; the frames are looked at, not encoded again
            for _ in stream:
                pass
            shutil.move(made.media, folder / "picture.mp4")
        elif still:
            for frame in stream:
                write_png(frame, folder / "picture.png")
        else:
            encode_picture(stream, folder / "picture.mp4", rate=rate)
        # What is drawn as it is read is generated here, and not before.
        spent = made.spent + Spend(generation_seconds=round(poster.waited, 3)) if _lazy(made) else made.spent
        if poster.count == 0:
            raise PermanentFailure(f"{request.backend} made no frames for {item.shot.id}: try another seed or back end")
        if sound is not None:
            write_wav(sound, folder / "sound.wav")
        poster.save(folder / "poster.jpg")
        findings = examiner.finish()
        told = {"settings": settings_digest(checks), "findings": [f.model_dump(mode="json") for f in findings]}
        (folder / "checks.json").write_bytes(canonical(told))
        files = {p.name: sha256_of(p) for p in sorted(folder.iterdir())}
        picture: Literal["picture.mp4", "picture.png"] = "picture.mp4" if "picture.mp4" in files else "picture.png"
        said = [*item.substitutions, *made.substitutions]
        for what, asked, got in (
            ("frames", request.frames, poster.count),
            ("width", request.width, poster.width),
            ("height", request.height, poster.height),
            ("rate", request.rate, rate),
        ):
            if asked != got and not any(s.what == what for s in said):
                said.append(Substitution(what=what, asked=str(asked), made=str(got), why="the back end made it so"))
        take = Take(
            key=request.key,
            request=request,
            attempt=made.call.attempt,
            film=film,
            shot=item.shot.id,
            content=files[picture],
            picture=picture,
            sound=files.get("sound.wav"),
            files=files,
            width=poster.width,
            height=poster.height,
            frames=poster.count,
            rate=rate,
            substitutions=said,
            spent=spent,
            notes={**made.notes, **item.notes},
        )
        return ledger.publish(take, folder)


def _publish_sound(ledger: Ledger, made: Made, sound: Sound, item: Wanted, film: str) -> Take:
    """Publish a take that is sound alone; it is examined in the film's mix, where it is heard."""
    request, said = made.call.request, [*item.substitutions, *made.substitutions]
    frames = frames_of(Fraction(len(sound.samples), sound.rate), made.rate)
    if frames != request.frames and not any(s.what == "frames" for s in said):
        said.append(
            Substitution(what="frames", asked=str(request.frames), made=str(frames), why="the back end made it so")
        )
    with ledger.staging() as folder:
        files = write_sound_alone(sound, folder)
        take = Take(
            key=request.key, request=request, attempt=made.call.attempt, film=film, shot=item.shot.id,
            content=files["picture.png"], picture="picture.png", sound=files["sound.wav"], files=files,
            width=request.width, height=request.height, frames=frames, rate=made.rate, substitutions=said,
            spent=made.spent, notes={**made.notes, **item.notes},
        )  # fmt: skip
        return ledger.publish(take, folder)


def _lazy(made: Made) -> bool:
    return made.media is None and not hasattr(made.frames, "shape")


def findings_of(ledger: Ledger, take: Take, *, checks: Mapping[str, Any] | None = None) -> list[Finding] | None:
    """Read what the checks measured when a take was made, or None if they were not run.

    Args:
        ledger: Where the take is.
        take: The take.
        checks: Settings with which they must have been run; any, if None.

    Raises:
        CorruptProject: It cannot be read.
    """
    path = ledger.folder(take.key) / "checks.json"
    if not path.exists():
        return None
    settings, findings = read_findings(path)
    return findings if checks is None or settings == settings_digest(checks) else None


def read_findings(path: Path) -> tuple[str, list[Finding]]:
    """Read findings from a file, with the digest of the settings with which they were measured.

    Raises:
        CorruptProject: It cannot be read.
    """
    try:
        data = json.loads(path.read_bytes())
        if isinstance(data, list):  # before settings were kept, they were taken to be what was shipped
            data = {"settings": settings_digest({}), "findings": data}
        return str(data["settings"]), [Finding.model_validate(f) for f in data["findings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptProject(
            f"{path} is not what the checks measured: {first_fault(error)}; delete it, and the take is measured again"
        ) from error


def settings_digest(checks: Mapping[str, Any]) -> str:
    """Return the digest of the settings of registered checks; a caller's own checks have none."""
    return digest({name: own for name, own in checks.items() if isinstance(own, Mapping)})


class _Poster:
    """Keeps the middle frame and the shape of a stream of frames, and how long it was waited for."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.count = self.width = self.height = 0
        self.waited = 0.0
        self.frame: np.ndarray | None = None

    def timed(self, frames: "Iterable[np.ndarray]") -> "Iterator[np.ndarray]":
        began = time.monotonic()
        for frame in frames:
            self.waited += time.monotonic() - began
            yield frame
            began = time.monotonic()

    def watch(self, frames: "Iterable[np.ndarray]") -> "Iterator[np.ndarray]":
        for frame in frames:
            if self.count <= self.index:
                self.frame = frame.copy()
            self.count += 1
            self.height, self.width = frame.shape[:2]
            yield frame

    def save(self, path: Path) -> None:
        from PIL import Image

        if self.frame is not None:
            Image.fromarray(self.frame).save(path, quality=85)


def _as_generator(results: Iterator[Made | Failed]) -> Generator[Made | Failed, None, None]:
    """Make any iterator closable, so that leaving early stops the back end."""
    yield from results
