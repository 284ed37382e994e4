"""A story told to the service: each event at its moment, through the services and in batches, in the order of time."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from random import Random

import time_machine
from django.db import reset_queries
from django.db.transaction import atomic

from accounts.services import create_user
from ledger.exceptions import LedgerError
from ledger.models import Account, Status, Transaction
from ledger.retrying import retried
from tests.demo.days import Slot, moments, slots
from tests.demo.events import Ask, Deed, Event, Join
from tests.demo.people import Person
from tests.demo.story import Story
from tests.demo.words import ACCOUNTS
from wallets.batches import MOST_OPERATIONS, Result, carry_out_each
from wallets.exceptions import WalletsError
from wallets.holds import over
from wallets.posting import Posted, note_expired
from wallets.services import create_wallet

# A batch has one moment: so many different ones there are, before batches grow.
_MOMENTS = 5000
_PAID_FROM, _PAID_UNTIL = 8, 12  # o'clock, on the first of a month
_CLEANED_UP_AT = 3


@dataclass
class Told:
    """What came of it: people, transactions, and what was refused and left none."""

    people: int = 0
    transactions: int = 0  # without those that note what is over
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Told") -> None:
        """What came of another part."""
        self.people += other.people
        self.transactions += other.transactions
        self.refused += other.refused


def open_accounts() -> None:
    """Add the ledger accounts that a story needs, as staff would."""
    for code, (name, purpose) in ACCOUNTS.items():
        account = Account(code=code, name=name, purpose=purpose)
        if not Account.objects.filter(pk=code).exists():
            account.full_clean()
            account.save(force_insert=True)


def size_of_batches(transactions: int) -> int:
    """How many operations share one moment, in a story of so many."""
    return min(-(-transactions // _MOMENTS), MOST_OPERATIONS)


def tell(
    stories: Sequence[Story],
    *,
    now: datetime,
    size: int,
    progress: Callable[[int], object],
    in_step: Callable[[], object] = lambda: None,
) -> Told:
    """Carry out all of `stories`, over their days up to `now`, in batches of `size`.

    `progress` is told of each batch's rows; `in_step` is called before each hour, and may wait for others.
    """
    teller = _Teller(Told())
    clock = Random(0)  # its own, so that the times, which differ from run to run, change nothing else
    for slot in slots(now, stories[0].days):
        in_step()
        events: list[Event] = list(teller.due(slot.end))
        for story in stories:
            events += [*story.until(slot.share), *_salaries(story, slot)]
        chunks = [events[at : at + size] for at in range(0, len(events), size)]
        for chunk, moment in zip(chunks, moments(slot, len(chunks), clock), strict=True):
            before = teller.told.transactions
            with time_machine.travel(moment, tick=False):
                teller.carry_out(chunk, moment)
            reset_queries()  # in DEBUG, Django keeps the text of every statement
            progress(teller.told.transactions - before)
        if slot.local.hour == _CLEANED_UP_AT:
            with time_machine.travel(slot.end, tick=False):
                _note_expired(stories)
    return teller.told


def _salaries(story: Story, slot: Slot) -> Iterator[Event]:
    local = slot.local
    if _PAID_FROM <= local.hour < _PAID_UNTIL:
        yield from story.payday(local.date(), local.hour - _PAID_FROM, _PAID_UNTIL - _PAID_FROM)


def _note_expired(stories: Sequence[Story]) -> None:
    """What cron does every night; here for the people of these stories alone, since for others it is not that day."""
    for story in stories:
        first, last = story.numbers()
        expired = over().filter(wallet_id__gte=first, wallet_id__lte=last).order_by("wallet_id")
        for user_id in expired.values_list("wallet_id", flat=True).distinct():
            note_expired(user_id)


class _Teller:
    """Carries out events, and remembers what shall follow them."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self._later: list[tuple[datetime, int, Ask]] = []
        self._order = count()

    def due(self, until: datetime) -> Iterator[Ask]:
        """What shall follow before `until`."""
        while self._later and self._later[0][0] < until:
            yield heappop(self._later)[2]

    def carry_out(self, events: Sequence[Event], now: datetime) -> None:
        """First who joins, then the operations as one batch, then what is done by hand."""
        if people := [event.person for event in events if isinstance(event, Join)]:
            retried(lambda: _join(people))
            self.told.people += len(people)
        asked = [event for event in events if isinstance(event, Ask)]
        for ask, result in zip(asked, carry_out_each([ask.make(now) for ask in asked]), strict=True):
            self._note(ask, result, now)
        for deed in events:
            if isinstance(deed, Deed):
                self._do(deed)

    def _do(self, deed: Deed) -> None:
        try:
            deed.do()
        except (LedgerError, WalletsError) as error:
            self.told.refused[str(error)] += 1

    def _note(self, event: Ask, result: Result, now: datetime) -> None:
        if not isinstance(result, Posted):
            self.told.refused[str(result)] += 1
            return
        row = result.transaction
        both = row.counterparty is not None and row.status == Status.SUCCESS
        self.told.transactions += 2 if both else 1
        if event.then is not None and row.status != Status.FAILED:
            heappush(self._later, (now + event.then.after, next(self._order), _following(event, row)))


def _following(event: Ask, row: Transaction) -> Ask:
    assert event.then is not None
    make = event.then.make
    return Ask(lambda _: make(row))


def _join(people: Sequence[Person]) -> None:
    with atomic():
        for person in people:
            create_user(
                user_id=person.user_id,
                user_name=person.user_name,
                user_email=person.user_email,
                user_phone=person.user_phone,
            )
            create_wallet(user_id=person.user_id)
