"""What happens, in its order: who joins, what they buy, whom they send money, and what comes of it.

A story knows neither the date nor the database. So the same seed tells of the same people, and asks for the same
amounts under the same references, whenever it is told.
"""

from array import array
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from django.conf import settings
from uuid_utils.compat import uuid7

from ledger.models import Transaction
from ledger.money import decimals_of_currency
from tests.demo import words
from tests.demo.events import Ask, Event, Join, Then, ask, money
from tests.demo.office import Life, corrections_of, lives
from tests.demo.people import new_person
from tests.demo.purses import Purses
from tests.demo.words import APP, BANK, PROMOTIONS, Shop
from wallets.holds import release_of
from wallets.models import Hold
from wallets.operations import Credit, Debit, Operation, PlaceHold, Transfer
from wallets.services import capture, reversal

# People know each other in circles of this many; one of each of the first circles has a life written for them alone.
CIRCLE, APART = 6, 3
LEAST_PEOPLE = 36
PAYROLL = "client:payroll"
_ROWS_OF_A_PAYDAY = 3
# Of different employers.
PAYDAYS = (1, 5, 7, 10, 15, 25, 28)
_FAILING = 0.04  # of what is bought or sent, which is not all that goes out
# What becomes of holds, one after the other; C captured whole, P in part, R released, E expires, O stays open.
_FATES = "CPRECCPCOCPCCECRPC"
_RETURNED_EVERY, _TAKEN_BACK_EVERY = 45, 60


class Story:
    """Events in their order, as many as leave about `rows` transactions in `days` days."""

    def __init__(self, *, people: int, rows: int, days: int, seed: int, first_user_id: int = 1) -> None:
        self.people, self.days, self.first_user_id, self._seed = people, days, first_user_id, seed
        self.joined = 0
        self._random = Random(f"{seed}/{first_user_id}")
        self._has_decimals = decimals_of_currency(settings.WALLET_CURRENCY) >= 2
        self._purses = Purses(people)
        self._salaries = array("q", bytes(8 * people))
        self._paydays = round(days / 30.4)
        self._salaried = min(0.5, 0.25 * rows / (people * _ROWS_OF_A_PAYDAY * max(self._paydays, 1)))
        paid = self._salaried * people * _ROWS_OF_A_PAYDAY * self._paydays * 0.62  # not all are there from the first
        self._rows, self._wanted = 0, max(rows - paid, 1)
        self._longest = timedelta(days=days) / 6  # so that most of what begins also ends
        self._numbers, self._purchases, self._transfers, self._holds = count(1), count(1), count(1), count(1)
        self._corrected = [self._user(person) for person in (0, 1, 2, 4, 5, 6)]  # for whom staff put something right
        self._apart = min(len(lives(people)), people // CIRCLE)
        self._written = sorted(self._for_a_few(), key=lambda at: at[0], reverse=True)
        self._events = self._all()

    def until(self, share: float) -> Iterator[Event]:
        """What happens next, until this share of the story has happened."""
        while self._rows < share * self._wanted:
            event = next(self._events)
            self._rows += event.rows
            yield event

    def numbers(self) -> tuple[int, int]:
        """The first and the last user_id of its people."""
        return self.first_user_id, self.first_user_id + self.people - 1

    def payday(self, day: date, part: int, parts: int) -> Iterator[Event]:
        """Salaries for one of `parts` of those who get theirs on this day; with each, what goes out again at once."""
        if day.day not in PAYDAYS:
            return
        for person in range(part, self.joined, parts):
            if self._salaries[person] and PAYDAYS[person // parts % len(PAYDAYS)] == day.day:
                yield from self._paid(person, self._salaries[person], f"{day:%Y-%m}")

    # --- The order of things ------------------------------------------------------------------------------------------

    def _all(self) -> Iterator[Event]:
        while True:
            now = self._rows / self._wanted
            while self.joined < _joined(now) * self.people or self.joined < CIRCLE:
                yield from self._join()
            while self._written and self._written[-1][0] <= now:
                yield self._written.pop()[1]
            yield from self._everyday()

    def _for_a_few(self) -> Iterator[tuple[float, Event]]:
        for number, life in enumerate(lives(self.people)[: self._apart]):
            person = number * CIRCLE + APART
            begin = _when_joined((person + 1) / self.people)
            for at, event in Life(number, self._user(person), self._reference).events(life):
                yield begin + (0.99 - begin) * at, event
        yield from corrections_of(self._corrected)

    def _join(self) -> Iterator[Event]:
        person, random = self.joined, self._random
        yield Join(new_person(self._user(person), self._seed))
        self.joined += 1
        if self._is_apart(person):
            return
        if random.random() < self._salaried:
            self._salaries[person] = int(random.triangular(44, 360, 90)) * 500_00
            self._purses.perhaps(person, _pocket(person) * (self._paydays + 2))
        if self._user(person) in self._corrected:
            self._purses.perhaps(person, 15_000_00)
        yield self._topped_up(person, random.choice((1_000_00, 2_000_00, 2_500_00, 5_000_00)))

    def _everyday(self) -> Iterator[Event]:
        person, dice = self._somebody(), self._random.random()
        if dice < 0.70:
            yield from self._purchase(person)
        elif dice < 0.88:
            yield from self._transfer(person)
        elif dice < 0.93:
            yield from self._hold(person)
        elif dice < 0.97:
            yield self._topped_up(person, self._random.randint(1, 8) * 500_00)
        else:
            yield self._cashback(person)

    # --- What people do -----------------------------------------------------------------------------------------------

    def _purchase(self, person: int) -> Iterator[Event]:
        if self._random.random() < _FAILING:
            yield self._bought(person, self._random.choice(words.DEAR_SHOPS), self._too_much(person))
            return
        shop = self._random.choice(words.SHOPS)
        amount = self._price(shop)
        yield from self._enough(person, amount)
        self._purses.take(person, amount)
        then = None
        if next(self._purchases) % _RETURNED_EVERY == 7:
            back = amount if self._random.random() < 0.5 else _part(amount, self._random)
            self._purses.perhaps(person, back)
            then = self._returned(back, shop.client)
        yield self._bought(person, shop, amount, then)

    def _transfer(self, person: int) -> Iterator[Event]:
        friend = self._friend(person)
        if self._random.random() < _FAILING:
            yield self._sent(person, friend, self._too_much(person), rows=1)
            return
        amount = self._random.randint(1, 30) * 100_00
        yield from self._enough(person, amount)
        self._purses.take(person, amount)
        self._purses.put(friend, amount)
        then = None
        if next(self._transfers) % _TAKEN_BACK_EVERY == 11:
            self._purses.perhaps(person, amount)
            self._purses.reserve(friend, amount)
            reason, after = "Sent to the wrong person", self._later(1, 30)
            make = partial(reversal, reference_id=self._reference("recall"), amount=None, reason=reason, actor=APP)
            then = Then(after, make)
        yield self._sent(person, friend, amount, then, rows=2 if then is None else 4)

    def _hold(self, person: int) -> Iterator[Event]:
        fate = _FATES[next(self._holds) % len(_FATES)]
        shop = words.FUEL if self._random.random() < 0.4 else self._random.choice(words.HOTELS)
        amount = self._price(shop)
        yield from self._enough(person, amount)
        after = self._later(1, 8) if shop is words.FUEL else self._later(20, 130)
        taken = {"C": amount, "P": _part(amount, self._random)}.get(fate, 0)
        self._purses.reserve(person, amount)
        self._purses.perhaps(person, -taken)
        # What is not captured is let go of a good while later; an open one is open for weeks.
        over = after if fate == "E" else timedelta(days=45) if fate == "O" else after + timedelta(days=2)
        then = None
        if taken:
            then = Then(
                after, partial(_captured, reference=self._reference("capture"), amount=taken, actor=shop.client)
            )
        elif fate == "R":
            then = Then(after, partial(_released, actor=shop.client))
        yield Ask(partial(self._placed, person, shop, amount, self._reference("hold"), over), then, rows=2)

    def _enough(self, person: int, amount: int) -> Iterator[Event]:
        """Money from the bank first, when it might not be enough otherwise."""
        missing = amount - self._purses.least[person]
        if missing > 0:
            yield self._topped_up(person, -(-missing // 500_00) * 500_00 + self._random.choice((0, 500_00, 2_000_00)))

    # --- What is asked for --------------------------------------------------------------------------------------------

    def _topped_up(self, person: int, amount: int) -> Ask:
        self._purses.put(person, amount)
        how = self._random.choice(("UPI", "UPI", "UPI", "card", "net banking"))
        operation = Credit(
            user_id=self._user(person),
            amount=money(amount),
            reference_id=self._reference("topup"),
            account=BANK,
            description=f"Added by {how}",
            metadata={"method": how},
            actor=APP,
        )
        return ask(operation)

    def _cashback(self, person: int) -> Ask:
        amount = self._random.randint(1, 10) * 10_00
        self._purses.put(person, amount)
        operation = Credit(
            user_id=self._user(person),
            amount=money(amount),
            reference_id=self._reference("cashback"),
            account=PROMOTIONS,
            description="Cashback",
            metadata={"campaign": self._random.choice(("FESTIVE10", "WELCOME", "REFER-A-FRIEND"))},
            actor="client:loyalty",
        )
        return ask(operation)

    def _bought(self, person: int, shop: Shop, amount: int, then: Then | None = None) -> Ask:
        number = next(self._numbers)
        operation = Debit(
            user_id=self._user(person),
            amount=money(amount),
            reference_id=f"order-{self.first_user_id}-{number}",
            account=shop.account,
            description=f"{shop.name}: {shop.what}",
            metadata={"order": f"A-{1000 + number}"},
            actor=shop.client,
        )
        return ask(operation, then, rows=1 if then is None else 2)

    def _sent(self, person: int, friend: int, amount: int, then: Then | None = None, *, rows: int) -> Ask:
        operation = Transfer(
            user_id=self._user(person),
            counterparty=self._user(friend),
            amount=money(amount),
            reference_id=self._reference("transfer"),
            description=self._random.choice(words.BETWEEN_FRIENDS),
            actor=APP,
        )
        return ask(operation, then, rows=rows)

    def _placed(  # partly given when the story is made up, partly when it is told
        self, person: int, shop: Shop, amount: int, reference: str, over: timedelta, now: datetime
    ) -> Operation:
        return PlaceHold(
            user_id=self._user(person),
            amount=money(amount),
            reference_id=reference,
            concerns=uuid7(),
            expires_at=now + over,
            account=shop.account,
            description=f"{shop.name}: {shop.what}",
            actor=shop.client,
        )

    def _returned(self, amount: int, client: str) -> Then:
        make = partial(
            reversal,
            reference_id=self._reference("refund"),
            amount=money(amount),
            reason=self._random.choice(words.WHY_RETURNED),
            actor=client,
        )
        return Then(self._later(20, 160), make)

    def _paid(self, person: int, salary: int, month: str) -> Iterator[Event]:
        user_id, rent = self._user(person), salary * (25 + person % 20) // 100 // 100_00 * 100_00
        saved = salary - rent - _pocket(person)
        name = f"{user_id}-{month}"
        common = {"user_id": user_id, "actor": PAYROLL}
        yield ask(_of(Credit, salary, f"salary-{name}", BANK, f"Salary {month}", **common))
        common["actor"] = "client:standing-orders"
        yield ask(_of(Debit, rent, f"rent-{name}", words.LANDLORDS, f"Rent {month}", **common))
        yield ask(_of(Debit, saved, f"savings-{name}", BANK, "Standing order: savings", **common))

    # --- Small things -------------------------------------------------------------------------------------------------

    def _user(self, person: int) -> int:
        return self.first_user_id + person

    def _reference(self, what: str) -> str:
        return f"{what}-{self.first_user_id}-{next(self._numbers)}"

    def _is_apart(self, person: int) -> bool:
        return person % CIRCLE == APART and person // CIRCLE < self._apart

    def _somebody(self) -> int:
        """One of those who are there; some are more often seen than others."""
        person = int(self.joined * self._random.random() ** 1.4)
        return person - 1 if self._is_apart(person) else person

    def _friend(self, person: int) -> int:
        """Another one of the same circle."""
        first = person - person % CIRCLE
        others = [other for other in range(first, min(first + CIRCLE, self.joined)) if other != person]
        others = [other for other in others if not self._is_apart(other)]
        return self._random.choice(others or [person - 1])  # the first of a circle knows somebody of the one before

    def _price(self, shop: Shop) -> int:
        """A price, most of them nearer to the least, some with decimals."""
        whole = int(self._random.triangular(shop.least, shop.most, shop.least)) // 100 * 100
        return whole + (self._random.choice((0, 0, 0, 25, 50, 95)) if self._has_decimals else 0)

    def _too_much(self, person: int) -> int:
        most = max(self._purses.most[person], 0)
        return (most // 1_000_00 + self._random.randint(1, 12)) * 1_000_00 + 990_00

    def _later(self, least: int, most: int) -> timedelta:
        """A while, of so many hours."""
        return min(timedelta(hours=self._random.uniform(least, most)), self._longest)


def _joined(now: float) -> float:
    """How many of all have joined: two in five soon after the service began, the others bit by bit."""
    return 8 * now if now < 0.05 else min(1.0, 0.4 + 0.6 * (now - 0.05) / 0.9)


def _when_joined(share: float) -> float:
    return share / 8 if share < 0.4 else 0.05 + 0.9 * (share - 0.4) / 0.6


def _pocket(person: int) -> int:
    """What is left of a salary, after the rent and what is saved."""
    return 2_000_00 + person % 9 * 500_00


def _part(amount: int, random: Random) -> int:
    return max(int(amount * random.uniform(0.3, 0.9)) // 100 * 100, 100)


def _of(kind: type[Operation], amount: int, reference: str, account: str, words_: str, **more: object) -> Operation:
    return kind(amount=money(amount), reference_id=reference, account=account, description=words_, **more)  # type: ignore[arg-type]


def _captured(row: Transaction, *, reference: str, amount: int, actor: str) -> Operation:
    return capture(_hold_of(row), reference_id=reference, amount=money(amount), final=True, actor=actor)


def _released(row: Transaction, *, actor: str) -> Operation:
    return release_of(_hold_of(row), description="Not needed", actor=actor)


def _hold_of(row: Transaction) -> Hold:
    """The hold that `row` placed, as far as an operation names it: it need not be read for that."""
    assert row.concerns is not None, "it placed one"
    return Hold(hold_id=row.concerns, wallet_id=row.wallet_id, account_id=row.account_id)
