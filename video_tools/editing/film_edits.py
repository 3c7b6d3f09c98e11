"""Edits of what lies over the film as a whole: titles, captions, insets, music and narration, loudness."""

from typing import Literal, Self

from pydantic import Field

from reelgraph.video_tools.editing.carried import parted
from reelgraph.video_tools.editing.clip_edits import Edit
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, ContentHash, Cut, Inset, SoundClip, Title


class SetTitles(Edit):
    """Show these titles, in place of those there are."""

    op: Literal["titles"] = "titles"
    titles: list[Title] = Field(max_length=200)

    def cut(self, cut: Cut) -> Cut:
        """Set the titles."""
        return cut.model_copy(update={"titles": self.titles})


class SetCaptions(Edit):
    """Show these captions, in place of those there are; `burn` draws them into the picture."""

    op: Literal["captions"] = "captions"
    captions: list[Caption] | None = Field(default=None, max_length=20_000, description="None keeps them.")
    burn: bool | None = None

    def cut(self, cut: Cut) -> Cut:
        """Set the captions."""
        for caption in self.captions or []:
            if caption.start + caption.frames > cut.frames:
                raise InvalidRequest(
                    f"the caption {caption.text!r} is shown in frames {caption.start} to "
                    f"{caption.start + caption.frames} of a film of {cut.frames}: end it at {cut.frames}"
                )
        changes: dict[str, object] = {}
        if self.captions is not None:
            changes["captions"] = sorted(self.captions, key=lambda caption: caption.start)
            changes["sounds"] = [sound.model_copy(update={"held_captions": []}) for sound in cut.sounds]
        return cut.model_copy(update=changes | ({} if self.burn is None else {"burn_captions": self.burn}))


class SetInsets(Edit):
    """Show these pictures in the picture, in place of those there are."""

    op: Literal["insets"] = "insets"
    insets: list[Inset] = Field(max_length=200)

    def cut(self, cut: Cut) -> Cut:
        """Set the insets."""
        return cut.model_copy(update={"insets": self.insets})


class SetSounds(Edit):
    """Lay this music, narration and effects under the film, in place of what there is."""

    op: Literal["sounds"] = "sounds"
    sounds: list[SoundClip] = Field(max_length=500)

    def cut(self, cut: Cut) -> Cut:
        """Set the sounds."""
        return cut.model_copy(update={"sounds": self.sounds})


class Narrate(Edit):
    """Lay narration over the film from a frame on, beside what there is, with captions timed from its beginning."""

    op: Literal["narrate"] = "narrate"
    take: ContentHash
    start: int = Field(ge=0)
    frames: int = Field(gt=0)
    captions: list[Caption] = Field(default=[], max_length=2000)
    held: int = Field(default=0, ge=0, description="Frames after those that are heard once the film is long enough.")

    def over(self, cut: Cut) -> Self:
        """Hold back the end for which a cut is too short."""
        room = cut.frames - self.start
        if not 0 < room < self.frames:
            return self
        return self.model_copy(update={"frames": room, "held": self.held + self.frames - room})

    def cut(self, cut: Cut) -> Cut:
        """Add the sound and the captions."""
        room = cut.frames - self.start
        if self.frames > room:
            raise InvalidRequest(
                f"the narration lasts {self.frames} frames and the film has {max(0, room)} from frame {self.start} on: "
                "begin earlier, speak faster, or say less"
            )
        sound = SoundClip(role="narration", take=self.take, start=self.start, frames=self.frames, held=self.held)
        said = [caption.model_copy(update={"said_by": self.take}) for caption in self.captions]
        if self.held:
            said, held = parted(said, sound)
            sound = sound.model_copy(update={"held_captions": held})
        said = [caption.model_copy(update={"start": self.start + caption.start}) for caption in said]
        captions = sorted([*cut.captions, *said], key=lambda caption: caption.start)
        return cut.model_copy(update={"sounds": [*cut.sounds, sound], "captions": captions})


class SetLoudness(Edit):
    """Bring the film's sound to a loudness in LUFS, or leave it as it is mixed (None)."""

    op: Literal["loudness"] = "loudness"
    loudness: float | None = Field(ge=-40, le=-5)

    def cut(self, cut: Cut) -> Cut:
        """Set the loudness."""
        return cut.model_copy(update={"loudness": self.loudness})
