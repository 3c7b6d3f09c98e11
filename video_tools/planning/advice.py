"""What others know about a brief before it is planned: a host's catalogue, a model that looked things up."""

from pydantic import Field

from reelgraph.video_tools.film import Bible, Brief, Noun


class Advice(Noun):
    """What somebody found out about a brief.

    Attributes:
        brief: The brief in other words, planned in place of the one given; empty leaves it.
        bible: Characters, places and style to use; those the project knows stand.
        facts: What a model that plans should know.
    """

    brief: str = ""
    bible: Bible = Bible()
    facts: list[str] = Field(default=[], max_length=200)

    def __add__(self, other: "Advice") -> "Advice":
        return Advice(
            brief=other.brief or self.brief,
            bible=with_known(self.bible, other.bible),
            facts=[*self.facts, *other.facts],
        )


def advised(brief: Brief, known: Bible, advice: Advice) -> tuple[Brief, Bible]:
    """Return the brief and the bible to plan from."""
    said = brief.model_copy(update={"text": advice.brief}) if advice.brief else brief
    return said, with_known(known, advice.bible)


def with_known(known: Bible, more: Bible) -> Bible:
    """Add characters, places and style to a bible; what is known stands."""
    style = {k: v for k, v in more.style if not getattr(known.style, k)}
    return known.model_copy(
        update={
            "characters": [*known.characters, *(c for c in more.characters if known.character(c.id) is None)],
            "places": [*known.places, *(p for p in more.places if known.place(p.id) is None)],
            "style": known.style.model_copy(update=style),
        }
    )
