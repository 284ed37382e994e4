"""A long story comes in parts, each with its own people; the same ones, however many processes tell it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.demo.story import LEAST_PEOPLE, Story

_MANY = 100_000  # transactions, from which on it takes long enough to be shared
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """What a story needs to be told; a process can be handed it."""

    people: int
    rows: int
    days: int
    seed: int
    first_user_id: int

    def story(self) -> Story:
        """From its beginning."""
        return Story(
            people=self.people, rows=self.rows, days=self.days, seed=self.seed, first_user_id=self.first_user_id
        )


def parts_of(whole: Part) -> list[Part]:
    """The parts that `whole` is told in: one, when it is short."""
    count = max(1, min(_PARTS, whole.people // LEAST_PEOPLE)) if whole.rows >= _MANY else 1
    return list(_parts(whole, count))


def _parts(whole: Part, count: int) -> Iterator[Part]:
    first = whole.first_user_id
    for number in range(count):
        people = whole.people // count + (number < whole.people % count)
        yield Part(people, whole.rows * people // whole.people, whole.days, whole.seed, first)
        first += people
