"""What may be set of video servers, and what of it is refused before any of them is asked."""

import os
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from reelgraph.video_tools.backends.base import Capabilities, FrameRule, Mode, SizeRule
from reelgraph.video_tools.backends.settings import BackendSettings
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.timebase import Rate

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RemoteSettings(BackendSettings):
    """What `[backends.remote]` may say in every dialect.

    Attributes:
        dialect: What the servers speak.
        base_urls: Servers of one model, without `/v1`; each job stays on the server that accepted it.
        model: The servers' name for the model, if they serve several.
        key_variable: The environment variable that holds the key, if they want one; it is sent over https, and over
            http to this machine alone.
        frame_step: Legal frame counts are one plus a multiple of it (4 for Wan, 8 for LTX); 1 for any.
        most_frames: The longest take.
        size_multiple: What both sides must be a multiple of.
        rates: Frames a second that may be asked for, whole numbers.
        sound: Whether its takes carry sound.
        jobs: Jobs that are kept running at once, by all threads together; one for each server, if 0.
        price_per_second: Money for a second of video.
        price_per_call: Money for a call.
        poll_seconds: Seconds between two looks at a job, where the server does not say.
        patience: Seconds to wait for a server that is busy, before a job is accepted.
        grace: Seconds after acceptance in which a server may not know a job yet; later, it has lost it.
        lost_after: Seconds without an answer about a job after which it is no longer waited for. An answer that
            drips in, and a file that stops, has as long, and 5 at least; the answer to a submission 60 at least.
        deadline: Seconds that a job may take.
        most_bytes: The largest file that is fetched.
    """

    dialect: Literal["videos-v1", "queue", "comfyui"] = "videos-v1"
    base_urls: list[str] = []
    model: str = ""
    key_variable: str = ""
    frame_step: int = Field(default=1, ge=1)
    most_frames: int = Field(default=1000, ge=1)
    size_multiple: int = Field(default=16, ge=2)
    rates: list[Rate] = Field(default=["24"], min_length=1, validate_default=True)
    sound: bool = False
    jobs: int = Field(default=0, ge=0)
    price_per_second: float = Field(default=0.0, ge=0)
    price_per_call: float = Field(default=0.0, ge=0)
    poll_seconds: float = Field(default=1.0, gt=0)
    patience: float = Field(default=300.0, ge=0)
    grace: float = Field(default=5.0, ge=0)
    lost_after: float = Field(default=30.0, gt=0)
    deadline: float = Field(default=3600.0, gt=0)
    most_bytes: int = Field(default=2**30, gt=0)

    @field_validator("base_urls")
    @classmethod
    def _urls_are_plain(cls, urls: list[str]) -> list[str]:
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError(f"{url!r} is no server: write one such as http://127.0.0.1:8000")
            if parts.username or parts.password:
                raise ValueError("a key in a URL would be written down with it: use key_variable")
        return [url.rstrip("/").removesuffix("/v1") for url in urls]

    @model_validator(mode="after")
    def _key_is_not_sent_in_the_clear(self) -> Self:
        for url in self.base_urls if self.key_variable else ():
            if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOOPBACK:
                raise ValueError(
                    f"base_urls: {url} would be sent the key in the clear: write https, or no key_variable"
                )
        return self

    @field_validator("rates")
    @classmethod
    def _rates_are_whole(cls, rates: list[Fraction]) -> list[Fraction]:
        if any(rate.denominator != 1 for rate in rates):
            raise ValueError("servers take whole frame rates only: write ones such as 24")
        return rates

    def key(self) -> str:
        """Return the servers' key; empty where they want none.

        Raises:
            InvalidRequest: The environment variable that is to hold it holds none.
        """
        key = os.environ.get(self.key_variable, "").strip() if self.key_variable else ""
        if self.key_variable and not key:
            raise InvalidRequest(
                f"the environment variable {self.key_variable} holds no key: set it, or name another as key_variable"
            )
        if not (key.isascii() and key.isprintable()):  # it would be repeated by what refuses to send it
            raise InvalidRequest(f"what the environment variable {self.key_variable} holds is no key: see to its signs")
        return key

    @property
    def title(self) -> str:
        """What a take calls its model."""
        return self.model

    def capabilities(self) -> Capabilities:
        """Declare what the settings say; no server is asked."""
        step, multiple = self.frame_step, self.size_multiple
        return Capabilities(
            frames=FrameRule(step=step, offset=1, least=1, most=1 + (self.most_frames - 1) // step * step),
            sizes=SizeRule(multiple=multiple, least=multiple, most=4096 // multiple * multiple),
            rates=tuple(self.rates),
            max_batch=self.jobs or max(1, len(self.base_urls)),
            negative_prompt=True,
            sound=self.sound,
            remote=True,
        )

    def identity(self) -> dict[str, Any]:
        """Return what determines pixels; where the servers are does not."""
        return {"dialect": self.dialect, "model": self.model}


class VideosV1Settings(RemoteSettings):
    """What `[backends.remote]` may say where the dialect is videos-v1.

    Attributes:
        image: Whether the model takes a first frame.
    """

    image: bool = False

    def capabilities(self) -> Capabilities:
        """Declare what the settings say; no server is asked."""
        modes: set[Mode] = {"text", "image"} if self.image else {"text"}
        return replace(super().capabilities(), modes=frozenset(modes))
