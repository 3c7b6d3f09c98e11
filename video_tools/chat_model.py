"""The chat models that settings name."""

from typing import Any

from reelgraph.video_tools.errors import InvalidRequest


class ChatModel:
    """A chat model that a setting names, such as `anthropic:claude-sonnet-4-5`, opened when it is first asked.

    So what plans and judges nothing needs neither its package nor its key.
    """

    def __init__(self, setting: str, name: str) -> None:
        self._setting, self._named = setting, name
        self._opened: Any = None

    def open(self) -> Any:
        """Return LangChain's own.

        Raises:
            InvalidRequest: It lacks a package or a key, or there is no such provider; the message names the setting.
        """
        if self._opened is None:
            try:
                from langchain.chat_models import init_chat_model  # type: ignore[import-not-found, unused-ignore]  # not a dependency
            except ModuleNotFoundError as error:
                raise InvalidRequest(
                    f"{self._setting} {self._named!r} needs LangChain: pip install langchain and the provider's package"
                ) from error
            try:
                self._opened = init_chat_model(self._named)
            except Exception as error:  # of a provider's package, which share no base
                said = " ".join(str(error).split()).rstrip(".")
                raise InvalidRequest(
                    f"{self._setting} {self._named!r} cannot be used: {said}; mend that, or name another, or none, "
                    f"with --{self._setting} or as `{self._setting}` in reelgraph.toml"
                ) from error
        return self._opened

    def __getattr__(self, name: str) -> Any:
        """Be what was opened, but to whoever only copies this."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.open(), name)


def chat_model(setting: str, name: str) -> Any:
    """Return the chat model that a setting names, not opened yet; None where it names none."""
    return None if name in ("offline", "none", "") else ChatModel(setting, name)


def check_model(role: str, model: Any) -> None:
    """Refuse what a host gives as a chat model and is none, before anything is paid that it would be asked about.

    Raises:
        InvalidRequest: It cannot be asked, as a model's name or class cannot.
    """
    if isinstance(model, type) or not callable(getattr(model, "invoke", None)):
        raise InvalidRequest(
            f"{role} {model!r} is no chat model: give one of LangChain's, or a name such as "
            "'anthropic:claude-sonnet-4-5'"
        )
