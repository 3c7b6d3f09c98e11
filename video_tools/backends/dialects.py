"""The dialects that servers may speak, by the name that `dialect` chooses them by."""

from collections.abc import Callable
from typing import Any, TypeAlias

from reelgraph.video_tools.backends.comfyui import ComfyUI
from reelgraph.video_tools.backends.comfyui_settings import ComfyUISettings
from reelgraph.video_tools.backends.dialect import Dialect
from reelgraph.video_tools.backends.line import Line
from reelgraph.video_tools.backends.queue_dialect import Queue
from reelgraph.video_tools.backends.queue_settings import QueueSettings
from reelgraph.video_tools.backends.remote_settings import RemoteSettings, VideosV1Settings
from reelgraph.video_tools.backends.videos_v1 import VideosV1

Speak: TypeAlias = Callable[[Line, str, Any], Dialect]

# What may be set of servers, and how one of them is spoken to.
DIALECTS: dict[str, tuple[type[RemoteSettings], Speak]] = {
    "videos-v1": (VideosV1Settings, VideosV1),
    "queue": (QueueSettings, Queue),
    "comfyui": (ComfyUISettings, ComfyUI),
}
