"""Who lives in the demo: made up by Faker, the same for the same seed."""
# mypy: disable-error-code="attr-defined,misc,name-defined,no-untyped-call"

import re
from dataclasses import dataclass

import factory
import factory.random


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before they have an account here."""

    user_id: int
    user_name: str
    user_email: str
    user_phone: str


class PersonFactory(factory.Factory[Person]):
    """A person with an e-mail and a phone that nobody else has: both follow from the number."""

    class Meta:
        model = Person

    user_id = factory.Sequence(lambda n: n + 1)
    user_name = factory.Faker("name", locale="en_IN")
    user_email = factory.LazyAttribute(
        lambda person: f"{_in_an_address(person.user_name)}.{person.user_id}@example.com"
    )
    user_phone = factory.LazyAttribute(lambda person: _phone(person.user_id))


def new_person(user_id: int, seed: int) -> Person:
    """The person with this number: the same for the same seed, whoever was made before."""
    factory.random.reseed_random(f"{seed}/{user_id}")
    person: Person = PersonFactory.build(user_id=user_id)
    return person


def _in_an_address(name: str) -> str:
    return re.sub("[^a-z]+", ".", name.lower()).strip(".")


def _phone(user_id: int) -> str:
    # The factor shares no divisor with the modulus: so three thousand million people have a number each.
    digits = str(7_000_000_000 + user_id * 1_618_033_987 % 3_000_000_000)
    return f"+91 {digits[:5]} {digits[5:]}"
