"""What of a prompt a model reads: by the limits that it declares, and by what its tokenizers cut while it encodes.

No class need be known for the latter. However a pipeline words, wraps and cuts a prompt, its tokenizers are given the
text and give back the tokens that are read, and a text that has more tokens than that is cut.
"""

import html
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from reelgraph.video_tools.backends.embeddings import keep_what_was_heard
from reelgraph.video_tools.backends.family import Configs, Family, prompt_tokens
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution, TakeRequest

LongPrompts: TypeAlias = Literal["refuse", "cut"]

# A pipeline may tidy up what it is told (case, spaces, quotation marks): so many letters of its beginning, and of its
# end, are enough to know it by.
_ENOUGH = 40


class TooLong(InvalidRequest):
    """A prompt is longer than the model reads."""


def texts_of(row: Family, request: TakeRequest) -> dict[str, str]:
    """Return what a request says to a class, by the argument's name."""
    return {"prompt": request.prompt, "negative_prompt": request.negative_prompt if row.negative_prompt else ""}


def beyond_limits(
    pipe: Any, row: Family, configs: Configs, request: TakeRequest, long_prompts: LongPrompts
) -> list[Substitution]:
    """Find what of a request's prompts lies beyond the limits that class and tokenizers declare.

    Raises:
        TooLong: A prompt is longer than the model reads, and the settings do not allow to cut it.
    """
    texts = texts_of(row, request)
    limit = prompt_tokens(row, configs)
    reader = _tokenizer(pipe, row.reader)
    unsaid = [unread(reader, what, text, limit, long_prompts) for what, text in texts.items()] if reader else []
    found = [change for change in unsaid if change is not None]
    for name in sorted(n for n in configs if n.startswith("tokenizer") and n not in {row.reader, *row.aside}):
        less = prompt_tokens(row, configs, name)
        if less is None or (limit is not None and less >= limit):
            continue
        for what, text in texts.items():
            kept, too_long = _first(_tokenizer(pipe, name), text, less)
            if too_long:
                found.append(_read_on(what, text, kept, name, less))
    return found


def unread(tokenizer: Any, what: str, text: str, limit: int | None, long_prompts: LongPrompts) -> Substitution | None:
    """Find what of a prompt a model would not read: None where it reads it all.

    Raises:
        TooLong: It is longer than `limit` tokens, and the settings do not allow to cut it.
    """
    kept, too_long = _first(tokenizer, text, limit)
    if too_long:
        return _cut(what, text, kept, f"the {limit} tokens that this model reads", limit, long_prompts)
    # Some tokenizers use their end mark for what they do not know.
    unknown = {tokenizer.unk_token_id} - {None, tokenizer.eos_token_id, tokenizer.pad_token_id}
    if not unknown & set(tokenizer(text).input_ids):
        return None
    return Substitution(what=what, asked=text, made=kept, why="the model does not know the rest")


@dataclass(frozen=True)
class Heard:
    """A text that a tokenizer was given.

    Attributes:
        tokenizer: The component's name.
        text: What it was given.
        tokens: How many of its tokens are read.
        kept: What they say.
        cut: Whether it has more.
    """

    tokenizer: str
    text: str
    tokens: int
    kept: str
    cut: bool


class Reading:
    """Watches a pipeline's tokenizers while it encodes the prompts of some requests.

    Args:
        texts: What each request says, by argument.
        long_prompts: Whether a prompt that is cut by all of them is refused.
    """

    def __init__(self, texts: list[dict[str, str]], long_prompts: LongPrompts) -> None:
        self._texts, self._long_prompts = texts, long_prompts
        self._heard: list[Heard] = []

    @contextmanager
    def watching(self, pipe: Any) -> Iterator[None]:
        """Hear what a pipeline gives its tokenizers; they are as they were afterwards."""
        from transformers import PreTrainedTokenizerBase

        plain: list[tuple[Any, type]] = []
        keep_what_was_heard(pipe, self._heard)
        try:
            for name in pipe.components:
                tokenizer = _tokenizer(pipe, name)
                if isinstance(tokenizer, PreTrainedTokenizerBase):
                    plain.append((tokenizer, type(tokenizer)))
                    tokenizer.__class__ = _overheard(type(tokenizer), name, self._heard)
            yield
        finally:
            for tokenizer, kind in reversed(plain):
                tokenizer.__class__ = kind

    def unsaid(self) -> list[list[Substitution]]:
        """Find what of each request was cut among the texts heard so far.

        Raises:
            TooLong: No encoder reads a prompt to its end, and the settings do not allow that.
        """
        return [
            [change for what, said in texts.items() for change in self._unsaid(what, said)] for texts in self._texts
        ]

    def _unsaid(self, what: str, said: str) -> list[Substitution]:
        asked = _bare(said)
        spoken = [one for one in self._heard if asked and self._is_of(asked, _bare(one.text))]
        if what == "negative_prompt" and asked and self._heard and not spoken:
            why = "its encoders were not given it, as where guidance is 1 or less"
            return [Substitution(what=what, asked=said, made="", why=why)]
        lost: dict[str, Heard] = {}
        for one in spoken:
            # Some classes tokenize once more, whole, to say in a warning what they cut: what is least counts.
            if _ends_before(asked, one) and len(one.kept) <= len(lost.get(one.tokenizer, one).kept):
                lost[one.tokenizer] = one
        less = sorted(lost.values(), key=lambda one: len(one.kept))
        most = less.pop() if less and lost.keys() == {one.tokenizer for one in spoken} else None
        found = [_read_on(what, said, _of(said, one), one.tokenizer, one.tokens) for one in less]
        if most is None:
            return found
        beside = "" if _bare(most.text).startswith(asked[:_ENOUGH]) else ", its own words before it among them"
        limit = f"the {most.tokens} tokens that this model reads{beside}"
        return [_cut(what, said, _of(said, most), limit, most.tokens, self._long_prompts), *found]

    def _is_of(self, asked: str, text: str) -> bool:
        """Whether a text says a prompt, whole or, where it says no other whole, as it begins."""
        if asked in text:
            return True
        others = (_bare(said) for texts in self._texts for said in texts.values())
        return asked[:_ENOUGH] in text and not any(other and other in text for other in others)


def _ends_before(asked: str, one: Heard) -> bool:
    """Whether a prompt is not read to its end: cut before it was tokenized, or then."""
    read = _bare(one.kept if one.cut else one.text)
    if asked in read:
        return False
    if asked in _bare(one.text):
        return True
    begins = read.find(asked[:_ENOUGH])
    if not one.cut:  # as a class tidied it up, in other letters or by its own cut, which leaves the beginning alone
        said = read[begins:]
        return asked.startswith(said) or len(said) < len(asked) - _ENOUGH
    ends = read.rfind(asked[-_ENOUGH:])  # tidied up, some letters may be gone; more are the prompt's own
    return ends < 0 or ends + 2 * _ENOUGH < begins + len(asked)


def _overheard(kind: type[Any], name: str, heard: list[Heard]) -> type[Any]:
    """Make a tokenizer's class that keeps what it was given, and is the same otherwise."""

    class Overheard(kind):  # type: ignore[misc]
        def __call__(self, text: Any = None, *args: Any, **options: Any) -> Any:
            made = kind.__call__(self, text, *args, **options)
            texts = [text] if isinstance(text, str) else text or []
            rows = made["input_ids"] if texts else []
            if isinstance(text, str) and isinstance(rows[0], int):
                rows = [rows]
            marks = options.get("add_special_tokens", True)
            for each, row in zip(texts, rows, strict=False):  # what overflows is given in rows of its own
                if isinstance(each, str):
                    more = {"truncation": True, "max_length": len(row) + 1, "add_special_tokens": marks}
                    cut = len(kind.__call__(self, each, **more)["input_ids"]) > len(row)
                    heard.append(Heard(name, each, len(row), self.decode(row, skip_special_tokens=True), cut))
            return made

    Overheard.__name__ = kind.__name__
    return Overheard


def _cut(what: str, text: str, kept: str, limit: str, tokens: int | None, long_prompts: LongPrompts) -> Substitution:
    if long_prompts == "refuse":
        raise TooLong(
            f'the {what} is longer than {limit}: it would end “…{kept[-40:]}”; shorten it, or set long_prompts = "cut"'
        )
    return Substitution(what=what, asked=text, made=kept, why=f"the model reads {tokens} tokens")


def _read_on(what: str, text: str, kept: str, tokenizer: str, tokens: int) -> Substitution:
    encoder = tokenizer.replace("tokenizer", "text_encoder")
    return Substitution(what=what, asked=text, made=kept, why=f"its {encoder} reads {tokens} tokens; another reads on")


def _tokenizer(pipe: Any, name: str) -> Any:
    found = getattr(pipe, name, None)
    return getattr(found, "tokenizer", found)  # a processor of text and pictures has one inside


def _first(tokenizer: Any, text: str, limit: int | None) -> tuple[str, bool]:
    """Return what the first tokens of a text say, all where there is no limit, and whether there are more."""
    if limit is None:
        return tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True), False
    ids = tokenizer(text, truncation=True, max_length=limit).input_ids
    more = len(tokenizer(text, truncation=True, max_length=limit + 1).input_ids) > limit
    return tokenizer.decode(ids, skip_special_tokens=True), more


def _bare(text: str) -> str:
    """Return a text's letters and figures alone, as they are the same however it was tidied up."""
    folded = unicodedata.normalize("NFKC", html.unescape(html.unescape(text))).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] not in "CPZ")


def _of(said: str, one: Heard) -> str:
    """Return what is kept of a prompt, without what a class puts before it, where that can be told apart."""
    begins = one.kept.casefold().find(said.casefold()[:16])
    return one.kept[max(begins, 0) :]
