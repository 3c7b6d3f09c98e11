"""One panel or title card in motion: its layers drawn once, its letters laid on every frame."""

import numpy as np
from PIL import Image

from reelgraph.video_tools.film import Panel, Substitution, TakeRequest
from reelgraph.video_tools.lettering import Letters, unlettered
from reelgraph.video_tools.panels.camera import pose
from reelgraph.video_tools.panels.colours import INK, mix, rgb, shade
from reelgraph.video_tools.panels.letters import SPEECH, Captions, Timecode, chip, chips, lay_out, stick
from reelgraph.video_tools.panels.stage import Stage, build, show, span_of


def _seed(request: TakeRequest) -> str:
    return f"{request.seed}/{request.variant}"


class PanelDrawing:
    """One panel, ready to be drawn frame by frame."""

    def __init__(self, request: TakeRequest, panel: Panel) -> None:
        self._request, self._panel = request, panel
        self._layout = lay_out(request.width, request.height)
        # The last frame of a move is its end: a take of n frames has n - 1 steps.
        self._length = float(max(1, request.frames - 1) / request.rate)
        size = (self._layout.width, self._layout.picture)
        action = panel.action or request.prompt
        self.text = " ".join([action, *(line.text for line in panel.lines), *(c.name for c in panel.figures)])
        self._stage: Stage = build(panel, action, size, self._length, _seed(request))
        self.lettered = self._layout.lettered
        self.substitutions: list[Substitution] = []
        if self.lettered:
            places = [f.x * size[1] / 100 for f in self._stage.figures]
            self._captions = Captions(self._layout, panel, action, request.frames, request.rate, places)
            self._timecode = Timecode(self._layout, request.rate)
            self._chips = chips(self._layout, panel, request.panel is not None)
            named = request.panel is not None and bool(request.panel.figures)
            self._names = [chip(f.figure.name, self._layout) for f in self._stage.figures] if named else []
            self.substitutions += self._captions.lost + unlettered("prompt", action)
            self.substitutions += unlettered("panel.lines", " ".join(line.text for line in panel.lines))
            self.substitutions += unlettered("panel.figures", " ".join(c.name for c in panel.figures))

    def frame(self, number: int) -> np.ndarray:
        """Draw one frame, `(height, width, 3) uint8 RGB`."""
        lay = self._layout
        seconds = float(number / self._request.rate)
        at = pose(self._panel.camera, self._panel.angle, seconds, self._length, self._stage.width, self._stage.subject)
        picture = show(self._stage, at, seconds, (lay.width, lay.picture))
        if not self.lettered:
            return picture
        frame = np.empty((lay.height, lay.width, 3), np.uint8)
        frame[: lay.picture] = picture
        unit = lay.picture / 100
        spans = [span_of(f, self._stage, at, seconds) for f in self._stage.figures]
        page = self._captions.page_at(number)
        self._letter_names(frame, spans, page.speaker)
        stick(frame, page.strip, 0, page.top)
        if page.speaker is not None and page.speaker < len(spans):
            self._point(frame, page.tail, spans[page.speaker][0] * unit)
        edge = max(2, lay.margin // 2)
        shot, framing = self._chips
        stick(frame, shot, edge, edge)
        if edge + shot.shape[1] + framing.shape[1] + 12 * lay.letters * 0.62 < lay.width:
            stick(frame, framing, edge + shot.shape[1] + (edge if shot.size else 0), edge)
        code = self._timecode.tag(number)
        stick(frame, code, lay.width - edge - code.shape[1], edge)
        return frame

    def _letter_names(self, frame: np.ndarray, spans: list[tuple[float, float, float]], speaker: int | None) -> None:
        """Put each name under its figure, or on the edge that cuts it; the speaker's is in the balloon."""
        lay, unit = self._layout, self._layout.picture / 100
        taken: list[tuple[int, int, int]] = []
        for i, ((x, crown, feet), tag) in enumerate(zip(spans, self._names, strict=False)):
            centre = x * unit
            if i == speaker or not -tag.shape[1] / 2 < centre < lay.width + tag.shape[1] / 2:
                continue
            left = int(min(max(2, centre - tag.shape[1] / 2), lay.width - tag.shape[1] - 2))
            top = int(min(feet * unit + 2, lay.picture - tag.shape[0] - 2))
            if any(abs(top - t) < tag.shape[0] and left < r and le < left + tag.shape[1] for le, r, t in taken):
                top = int(max(crown * unit - tag.shape[0] - 2, 0))  # no room at the feet: over the head
            taken.append((left, left + tag.shape[1], top))
            stick(frame, tag, left, top)

    def _point(self, frame: np.ndarray, tail: tuple[int, int, int], towards: float) -> None:
        """Draw the balloon's tail, up and towards its speaker."""
        import cv2

        left, right, y = tail
        root = min(max(towards, left), right)
        size = self._layout.letters
        tip = (min(max(towards, root - 2.2 * size), root + 2.2 * size), y - 1.1 * size)
        half = 0.45 * size
        corners = np.array([(root - half, y + 2), tip, (root + half, y + 2)])
        fixed = np.rint(corners * 16).astype(np.int32)
        cv2.fillPoly(frame, [fixed], SPEECH, cv2.LINE_AA, 4)
        for a, b in ((0, 1), (1, 2)):
            cv2.line(frame, fixed[a], fixed[b], INK, 1 + size // 20, cv2.LINE_AA, 4)


class TitleCard:
    """A title card: the words on a ground in the place's colours, breathing in slowly; no shot id and no timecode."""

    def __init__(self, request: TakeRequest, panel: Panel) -> None:
        self._request = request
        width, height = request.width, request.height
        ground = rgb(panel.place_palette[0]) if panel.place_palette else (34, 40, 52)
        low, high = shade(mix(ground, (20, 22, 30), 0.5), 0.9), shade(mix(ground, (20, 22, 30), 0.3), 1.06)
        rows = np.linspace(0, 1, height)[:, None, None]
        columns = np.linspace(-1, 1, width)[None, :, None] ** 2
        field = np.array(high) * (1 - rows) + np.array(low) * rows
        self._ground = np.rint(field * (1 - 0.3 * columns)).astype(np.uint8)
        self.text = panel.title
        title, _, rest = panel.title.strip().partition("\n")
        letters, lines = _largest(title, round(width * 0.8), round(height * 0.5), min(height / 6.5, width / 12))
        small, under = _largest(rest, round(width * 0.8), round(height * 0.3), letters.size * 0.5)
        self.lettered = letters.size >= 6
        self.substitutions = unlettered("panel.title", panel.title) if self.lettered else []
        margin = 1.12  # the words are drawn for the end of the move, when they are largest
        self._words = Image.new("RGBA", (round(width * margin), round(height * margin)), (0, 0, 0, 0))
        if self.lettered:
            middle, block = self._words.width / 2, letters.line_height * len(lines)
            whole = block + letters.size * 0.7 + small.line_height * len(under)
            top = self._words.height / 2 - whole / 2
            letters.draw_lines(self._words, (middle, top), lines, (244, 240, 228), align="middle")
            y = round(top + block + letters.size * 0.35)
            credit = (middle, y + letters.size * 0.35)
            Letters(small.size).draw_lines(self._words, credit, under, (206, 203, 194), align="middle")
            rule = (round(middle - width * 0.06), y, round(middle + width * 0.06), y + max(1, height // 180))
            self._words.paste((*shade(mix(ground, (230, 190, 110), 0.7), 1.2), 255), rule)
        self._pixels = np.asarray(self._words.convert("RGBa"))

    def frame(self, number: int) -> np.ndarray:
        """Draw one frame, `(height, width, 3) uint8 RGB`."""
        import cv2

        height, width = self._ground.shape[:2]
        done = number / max(1, self._request.frames - 1)
        scale = 0.97 + 0.05 * done
        fade = min(1.0, (number / float(self._request.rate) + 0.2) / 0.7)
        shift = (width / 2 - scale * self._pixels.shape[1] / 2, height / 2 - scale * self._pixels.shape[0] / 2)
        placed = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        words = cv2.warpAffine(self._pixels, placed, (width, height), flags=cv2.INTER_LINEAR)
        if fade < 1:
            words = cv2.convertScaleAbs(words, alpha=fade)
        clear = cv2.merge([255 - words[..., 3]] * 3)
        return np.asarray(cv2.add(words[..., :3], cv2.multiply(self._ground, clear, scale=1 / 255)))


def _largest(text: str, width: int, height: int, most: float) -> tuple[Letters, list[str]]:
    """Find the largest bold letters, up to `most` pixels, in which a text fits a box."""
    size = max(1, round(most))
    while True:
        letters = Letters(size, bold=True)
        lines = letters.wrap(text, width)
        if letters.line_height * len(lines) <= height or size <= 6:
            return letters, lines
        size = max(6, size * 9 // 10)
