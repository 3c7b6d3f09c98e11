"""Assembly against MoviePy and ffmpeg's xfade: twelve 5 s clips at 720p, hard cuts, crossfades and a title.

    python benchmarks/assembly.py [--json] [--quick] [--rounds N] [--work FOLDER] [--only KEY …]

Every contender is a process of its own; they alternate on the same inputs at the same preset and crf. Takes start as
back ends leave them, in the segment profile; foreign files start as they are, and conforming them is inside the clock.
The whole takes half an hour; with --work it can be run in pieces, whose rounds are kept in the folder and counted.
"""

import argparse
import shutil
import sys
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from contest import Rounds, moviepy_python, run
from goals import report
from material import FULL, QUICK, RATE, SOUND_RATE, Scale, foreign, make

PRESET, CRF, FADE, ODD_FADE = "medium", 18, 12, 17
TITLE_START, TITLE_FRAMES, TITLE = 12, 48, "THE LIGHTHOUSE KEEPER"

GOALS: dict[str, tuple[str, float]] = {
    "fades_cpu_x_moviepy": (">=", 18), "fades_cpu_x_xfade": (">=", 9), "fades_odd_cpu_x_moviepy": (">=", 10),
    "foreign_cpu_x_moviepy": (">=", 1.7), "foreign_again_cpu_x_moviepy": (">=", 15),
    "hardcuts_cpu_x_moviepy": (">=", 60), "over_floor": ("<=", 1.25), "peak_over_moviepy": ("<=", 0.286),
    "peak_growth": ("<=", 1.1), "untouched_psnr": (">=", 99), "av_offset_ms": ("<=", 1), "frames_exact": (">=", 1),
    "faded_psnr": (">=", 44),
}  # fmt: skip

# key -> whose measure over whose
RATIOS = {
    "fades_cpu_x_moviepy": ("moviepy_fades", "fades", "cpu"),
    "fades_wall_x_moviepy": ("moviepy_fades", "fades", "wall"),
    "fades_cpu_x_xfade": ("xfade", "fades", "cpu"),
    "fades_odd_cpu_x_moviepy": ("moviepy_odd", "odd", "cpu"),
    "foreign_cpu_x_moviepy": ("moviepy_fades", "foreign", "cpu"),
    "foreign_again_cpu_x_moviepy": ("moviepy_fades", "foreign_again", "cpu"),
    "hardcuts_cpu_x_moviepy": ("moviepy_hard", "hard", "cpu"),
    "over_floor": ("fades", "floor", "cpu"),
    "peak_over_moviepy": ("fades", "moviepy_fades", "peak"),
    "peak_growth": ("fades_many", "fades", "peak"),
}


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a smaller size of the same work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="keep inputs, films and rounds here")
    parser.add_argument("--only", nargs="+", choices=RATIOS, metavar="KEY", help="run only who decides these figures")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "SHOTS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    scale = QUICK if arguments.quick else FULL
    if arguments.one:
        CONTENDERS[arguments.one[0]](arguments.work, scale, int(arguments.one[1]))
        return 0
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="assembly-"))
    make(folder, scale, PRESET)
    other = moviepy_python()
    rounds = 1 if arguments.quick else arguments.rounds

    def call(name: str, python: str = sys.executable, shots: int = scale.clips) -> list[str]:
        quick = ["--quick"] if arguments.quick else []
        return [python, __file__, *quick, "--work", str(folder), "--one", name, str(shots)]

    run(call("title"))  # MoviePy's letters are drawn for it, so that all draw the same
    contenders = {
        "moviepy_fades": call("moviepy_fades", other),
        "xfade": call("xfade", other),
        "fades": call("fades"),
        "floor": call("floor"),
        "moviepy_odd": call("moviepy_odd", other),
        "odd": call("odd"),
        "foreign": call("foreign"),
        "foreign_again": call("foreign_again"),
        "moviepy_hard": call("moviepy_hard", other),
        "hard": call("hard"),
        "fades_many": call("fades", shots=4 * scale.clips),
    }
    if arguments.only:
        wanted = {name for key in arguments.only for name in RATIOS[key][:2]}
        contenders = {name: argv for name, argv in contenders.items() if name in wanted}
    run(call("touched"))
    contest = Rounds(folder / "rounds.json" if arguments.work else None)
    contest.add(contenders, rounds)
    run(call("fades"))
    found = {key: contest.ratio(*of) for key, of in RATIOS.items()}
    figures = {key: value for key, value in found.items() if value is not None}
    figures |= {**contest.medians(), **checked(folder, scale)}
    if arguments.work is None:
        shutil.rmtree(folder)
    return report("assembly", figures, GOALS, arguments.json)


# --- ours ------------------------------------------------------------------------------------------------------------


def our_film(folder: Path, scale: Scale, shots: int, fade: int, *, title: bool = True, swap: bool = False):  # type: ignore[no-untyped-def]
    """Return a cut of the takes, and the shelf they are on; `swap` puts another take in the sixth shot."""
    from reelgraph.video_tools.film import Clip, Cut, Take, TakeRequest, Title, Transition, digest

    class Shelf:
        def __init__(self) -> None:
            self.paths: dict[str, Path] = {}
            self.takes: dict[str, Take] = {}

        def add(self, number: int) -> Take:
            path = folder / f"take{number:02d}.mp4"
            request = TakeRequest(
                backend="bench",
                prompt=path.name,
                width=scale.width,
                height=scale.height,
                frames=scale.frames,
                rate=RATE,
            )
            take = Take(key=request.key, request=request, content=digest([str(path)]), sound=digest([str(path), "s"]),
                        files={}, width=scale.width, height=scale.height, frames=scale.frames, rate=RATE)  # fmt: skip
            self.paths[take.key], self.takes[take.key] = path, take
            return take

        def take(self, key: str) -> Take | None:
            return self.takes.get(key)

        def picture(self, take: Take) -> Path:
            return self.paths[take.key]

        def sound(self, take: Take) -> Path | None:
            return self.paths[take.key].with_suffix(".wav")

        def file(self, name: str) -> Path:
            return Path(name)

    shelf = Shelf()
    clips = []
    for i in range(shots):
        number = scale.clips if swap and i == min(5, scale.clips // 2) else i % scale.clips
        joint = Transition(kind="crossfade", frames=fade) if fade and i else Transition()
        clips.append(Clip(shot=f"s01-{i:02d}", take=shelf.add(number).key, frames=scale.frames, transition=joint))
    titles = [Title(start=TITLE_START, frames=TITLE_FRAMES, text=TITLE)] if title else []
    cut = Cut(number=1, width=scale.width, height=scale.height, rate=RATE, clips=clips, titles=titles)
    return cut, shelf


def ours(name: str, fade: int, *, title: bool = True):  # type: ignore[no-untyped-def]
    """Return a contender that renders the takes with nothing cached."""

    def go(folder: Path, scale: Scale, shots: int) -> None:
        from reelgraph.video_tools.editing.profile import Profile
        from reelgraph.video_tools.editing.render import render_cut

        cut, shelf = our_film(folder, scale, shots, fade, title=title)
        cache = folder / f"cache-{name}"
        shutil.rmtree(cache, ignore_errors=True)
        out = folder / f"{name}{'' if shots == scale.clips else shots}.mp4"
        render_cut(cut, shelf, cache, out, profile=Profile(preset=PRESET, crf=CRF))

    return go


def from_files(keep: bool):  # type: ignore[no-untyped-def]
    """Return a contender that assembles the foreign files, with the cache of an earlier run or without."""

    def go(folder: Path, scale: Scale, shots: int) -> None:
        from reelgraph.video_tools.editing.assemble import assemble
        from reelgraph.video_tools.editing.profile import Profile

        cache = folder / "cache-foreign"
        if not keep:
            shutil.rmtree(cache, ignore_errors=True)
        else:  # conformed footage and sound are there; joints are made again
            for path in (cache / "segments").glob("*/*.mp4"):
                if path.stat().st_size < 4_000_000 * scale.width * scale.height // (1280 * 720) // 3:
                    path.unlink()
        files = [foreign(folder, i) for i in range(shots)]
        assemble(files, folder / "foreign.mp4", cache=cache, transition=("crossfade", FADE / float(RATE)),
                 title=TITLE, profile=Profile(preset=PRESET, crf=CRF))  # fmt: skip

    return go


def touched(folder: Path, scale: Scale, shots: int) -> None:
    """Keep the frames of our faded film that no take has, raw, and its sound: what the floor encodes."""
    from reelgraph.video_tools.editing.media import read_wav
    from reelgraph.video_tools.editing.segments import Segment

    ours("fades", FADE)(folder, scale, shots)
    step = scale.frames - FADE
    film = Segment(folder / "fades.mp4", "", step * (shots - 1) + scale.frames, RATE)
    frames = [f.to_ndarray() for f in film.decode(TITLE_START, TITLE_FRAMES)]
    frames += [f.to_ndarray() for i in range(1, shots) for f in film.decode(i * step, FADE)]
    np.save(folder / "touched.npy", np.stack(frames))
    sound = np.concatenate([read_wav(folder / f"take{i:02d}.wav").samples for i in range(shots)])
    np.save(folder / "sound.npy", sound[: film.frames * SOUND_RATE // int(RATE)])


def floor(folder: Path, scale: Scale, shots: int) -> None:
    """Encode only the touched frames, with the profile's own settings for joints, and the sound once."""
    import av

    from reelgraph.video_tools.editing.profile import Profile, encode_segment
    from reelgraph.video_tools.editing.sound import CODER

    frames = np.load(folder / "touched.npy", mmap_mode="r")
    starts = [*range(0, TITLE_FRAMES, 24), *range(TITLE_FRAMES, len(frames), FADE), len(frames)]
    profile = Profile(preset=PRESET, crf=CRF)
    for first, last in pairwise(starts):
        encode_segment(
            (av.VideoFrame.from_ndarray(frames[n], format="yuv420p") for n in range(first, last)),
            folder / "floor.mp4",
            RATE,
            profile,
            joint=True,
        )
    encoder = av.AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = SOUND_RATE, "stereo", "fltp", 192_000
    encoder.time_base, encoder.options = Fraction(1, SOUND_RATE), CODER
    piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.load(folder / "sound.npy").T), "fltp", "stereo")
    piece.sample_rate, piece.pts, piece.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
    encoder.encode(piece)
    encoder.encode(None)


# --- the others ------------------------------------------------------------------------------------------------------


def title_picture(folder: Path, scale: Scale, shots: int) -> None:
    """Draw the title as our renderer does, for the others to lay over."""
    from reelgraph.video_tools.editing.titles import drawn_title
    from reelgraph.video_tools.film import Title

    drawn_title(Title(start=0, frames=1, text=TITLE), scale.width, scale.height).save(folder / "title.png")


def moviepy(fade: int, name: str):  # type: ignore[no-untyped-def]
    """Return MoviePy's way: crossfades and a title composed, or hard cuts chained."""

    def go(folder: Path, scale: Scale, shots: int) -> None:
        from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, concatenate_videoclips, vfx

        clips = [VideoFileClip(str(foreign(folder, i))) for i in range(shots)]
        if fade:
            seconds = fade / float(RATE)
            faded = [clips[0], *[c.with_effects([vfx.CrossFadeIn(seconds)]) for c in clips[1:]]]
            film = concatenate_videoclips(faded, method="compose", padding=-seconds)
            title = ImageClip(str(folder / "title.png")).with_start(TITLE_START / float(RATE))
            film = CompositeVideoClip([film, title.with_duration(TITLE_FRAMES / float(RATE))])
        else:
            film = concatenate_videoclips(clips, method="chain")
        film.write_videofile(
            str(folder / f"{name}.mp4"), codec="libx264", audio_codec="aac", fps=float(RATE), preset=PRESET,
            audio_bitrate="192k", ffmpeg_params=["-crf", str(CRF)], logger=None, temp_audiofile_path=str(folder),
        )  # fmt: skip

    return go


def xfade(folder: Path, scale: Scale, shots: int) -> None:
    """One ffmpeg graph of xfade, acrossfade and overlay."""
    import subprocess

    import imageio_ffmpeg

    inputs = [word for i in range(shots) for word in ("-i", str(foreign(folder, i)))]
    graph, video, audio = "", "[0:v]", "[0:a]"
    for i in range(1, shots):
        offset = i * (scale.frames - FADE) / float(RATE)
        seconds = FADE / float(RATE)
        graph += f"{video}[{i}:v]xfade=transition=fade:duration={seconds}:offset={offset:.6f}[v{i}];"
        graph += f"{audio}[{i}:a]acrossfade=d={seconds}[a{i}];"
        video, audio = f"[v{i}]", f"[a{i}]"
    shown = f"between(n,{TITLE_START},{TITLE_START + TITLE_FRAMES - 1})"
    graph += f"{video}[{shots}:v]overlay=0:0:enable='{shown}'[v]"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *inputs, "-i", str(folder / "title.png"),
         "-filter_complex", graph, "-map", "[v]", "-map", audio, "-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF),
         "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(folder / "xfade.mp4")],
        check=True,
    )  # fmt: skip


CONTENDERS = {
    "fades": ours("fades", FADE), "odd": ours("odd", ODD_FADE), "hard": ours("hard", 0, title=False),
    "foreign": from_files(keep=False), "foreign_again": from_files(keep=True), "floor": floor,
    "touched": touched, "title": title_picture,
    "moviepy_fades": moviepy(FADE, "moviepy_fades"), "moviepy_odd": moviepy(ODD_FADE, "moviepy_odd"),
    "moviepy_hard": moviepy(0, "moviepy_hard"), "xfade": xfade,
}  # fmt: skip


# --- correctness, of the film that was just made ---------------------------------------------------------------------


def checked(folder: Path, scale: Scale) -> dict[str, float]:
    """Compare every frame of our faded film with the takes, and find the clicks."""
    from reelgraph.video_tools.editing.media import probe, read_sound
    from reelgraph.video_tools.editing.segments import Segment

    step = scale.frames - FADE
    frames = step * (scale.clips - 1) + scale.frames
    film = Segment(folder / "fades.mp4", "", frames, RATE)
    takes = [Segment(folder / f"take{i:02d}.mp4", "", scale.frames, RATE) for i in range(scale.clips)]
    untouched, faded = [], []
    for i in range(scale.clips):
        first = FADE if i else 0
        last = scale.frames - (FADE if i + 1 < scale.clips else 0)
        shown = film.decode(i * step + first, last - first)
        for at, (a, b) in enumerate(zip(shown, takes[i].decode(first, last - first), strict=True), first):
            if not (i == 0 and at < TITLE_START + TITLE_FRAMES):
                untouched.append(psnr(a.to_ndarray(), b.to_ndarray()))
        if i + 1 < scale.clips:
            mixes = zip(
                film.decode((i + 1) * step, FADE),
                takes[i].decode(step, FADE),
                takes[i + 1].decode(0, FADE),
                strict=True,
            )
            for k, (mixed, out, into) in enumerate(mixes):
                share = (k + 1) / (FADE + 1)
                true = out.to_ndarray().astype(np.float32) * (1 - share) + into.to_ndarray().astype(np.float32) * share
                faded.append(psnr(mixed.to_ndarray()[: scale.height], true[: scale.height]))
    sound = read_sound(folder / "fades.mp4")
    assert sound is not None
    offsets = []
    for i in range(scale.clips):
        at = round((i * step / float(RATE) + 1) * SOUND_RATE)
        heard = sound.samples[at - SOUND_RATE // 4 : at + SOUND_RATE // 4].mean(1)
        found = int(np.argmax(np.convolve(heard, np.ones(240) / 240, "valid"))) + at - SOUND_RATE // 4
        offsets.append(abs(found - at) / SOUND_RATE * 1000)
    return {
        "untouched_psnr": min(untouched),
        "faded_psnr": min(faded),
        "av_offset_ms": max(offsets),
        "frames_exact": float(probe(folder / "fades.mp4").frames == frames),
    }


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in decibels; 99 for equal pictures."""
    error = float(((a.astype(np.float32) - b.astype(np.float32)) ** 2).mean())
    return 99.0 if error == 0 else min(99.0, 10 * np.log10(255**2 / error))


if __name__ == "__main__":
    sys.exit(main())
