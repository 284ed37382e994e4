"""The run itself: what is asked for is looked at, the database made ready, the story told, and the result proven."""

import os
import secrets
import time
from argparse import Namespace
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection
from django.db.models import Count, Max
from django.utils import timezone
from tqdm import tqdm

from accounts.exceptions import UserExists
from accounts.models import MAX_USER_ID, User
from ledger.models import Status, Transaction
from tests.demo.parts import Part, parts_of
from tests.demo.processes import tell_in_processes
from tests.demo.staff import Hired, hire
from tests.demo.story import LEAST_PEOPLE
from tests.demo.telling import Told, open_accounts, size_of_batches, tell
from wallet_project.health import unapplied_migrations
from wallet_project.roles import create_roles
from wallet_project.setup_lock import alone
from wallets.approvals import pending
from wallets.exceptions import OutcomeUnknown
from wallets.models import Hold, HoldStatus

MOST_PEOPLE, MOST_TRANSACTIONS, MOST_DAYS = 10_000_000, 100_000_000, 3650
LEAST_EACH = 4  # transactions of a person: with fewer there is nothing to tell


class Refused(Exception):
    """It is not done, or not to the end; the text says why."""


def run(options: Namespace) -> None:
    """Do what `options` ask for. Raises Refused."""
    started = time.monotonic()
    check(options)
    prepare(options)
    now = timezone.now()
    password = options.password or secrets.token_urlsafe(12)
    before = Transaction.objects.aggregate(newest=Max("pk"))["newest"] or 0
    hired, told = fill(options, now, password, show=True)
    _say(f"\n{_summary(told, before)}, from {now - timedelta(days=options.days):%Y-%m-%d} to {now:%Y-%m-%d}.")
    for reason, times in told.refused.most_common(5):
        _say(f"  refused {times} times, and no transaction: {reason}")
    if "roll_up" in get_commands():
        call_command("roll_up")
    sound = _verify()
    _say(f"It took {time.monotonic() - started:.0f} s.")
    _say_who(hired, password)
    if not sound:
        raise SystemExit(1)


def check(options: Namespace) -> None:
    """Raise Refused for what makes no sense, or what nobody would want."""
    for name, least, most in (
        ("people", LEAST_PEOPLE, MOST_PEOPLE),
        ("transactions", 1, MOST_TRANSACTIONS),
        ("days", 1, MOST_DAYS),
        ("seed", 0, 2**63 - 1),
    ):
        if not least <= getattr(options, name) <= most:
            raise Refused(f"--{name} must be a number from {least} to {most}.")
    if options.transactions < LEAST_EACH * options.people:
        raise Refused(
            f"--transactions must be at least {LEAST_EACH} for each of the people: {LEAST_EACH * options.people}."
        )
    if options.password is not None:
        try:
            validate_password(options.password)
        except ValidationError as error:
            raise Refused(f"--password: {error.messages[0]}") from error
    if not settings.DEBUG and not options.yes:
        raise Refused("DJANGO_DEBUG is false, so this may be production: --yes makes up people and money there too.")


def prepare(options: Namespace) -> None:
    """Apply missing migrations, as `serve --setup` does. Raises Refused when there are users that nobody expected."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Refused(f"Cannot open the database that DATABASE_URL names: {error.args[-1]}.") from error
    with alone(connection):
        if missing := unapplied_migrations():
            _say(f"Applying {len(missing)} migrations …")
            call_command("migrate", interactive=False, verbosity=0)
    if not options.more and User.objects.exists():
        raise Refused(
            f"There are users in the database already ({settings.DATABASES['default']['NAME']}): name an empty one in "
            "DATABASE_URL, or add to them with --more."
        )
    if (User.objects.aggregate(newest=Max("user_id"))["newest"] or 0) > MAX_USER_ID - options.people:
        raise Refused("No numbers are left above the users that there are.")


def fill(options: Namespace, now: datetime, password: str, *, show: bool = False) -> tuple[Hired, Told]:
    """Hire the staff and tell the story, in a database that is ready for both. Raises Refused."""
    with time_machine.travel(now - timedelta(days=options.days), tick=False):
        create_roles()
        hired = hire(password)
        open_accounts()
    first = (User.objects.aggregate(newest=Max("user_id"))["newest"] or 0) + 1
    parts = parts_of(Part(options.people, options.transactions, options.days, options.seed, first))
    how: dict[str, Any] = {"now": now, "size": size_of_batches(options.transactions)}
    # SQLite lets one process write at a time.
    processes = 1 if connection.vendor == "sqlite" else min(len(parts), os.cpu_count() or 1)
    with tqdm(total=options.transactions, unit=" transactions", disable=None if show else True) as bar:
        how["progress"] = bar.update
        try:
            if processes > 1:
                told = tell_in_processes(parts, processes, **how)
            else:
                told = tell([part.story() for part in parts], **how)
        except UserExists as error:
            raise Refused("Somebody here has an e-mail or phone of the demo's. What was made before stays.") from error
        except (OutcomeUnknown, OperationalError) as error:
            raise Refused("The database was lost. What was made before stays; --more adds to it.") from error
    return hired, told


def _summary(told: Told, before: int) -> str:
    written = Transaction.objects.filter(pk__gt=before).order_by()
    rows: dict[str, int] = dict.fromkeys(Status.values, 0) | dict(written.values_list("status").annotate(Count("pk")))
    open_ = Hold.objects.filter(status=HoldStatus.OPEN).count()
    return (
        f"{told.people:,} people, {sum(rows.values()):,} transactions ({rows[Status.SUCCESS]:,} moved money, "
        f"{rows[Status.HELD]:,} set it aside or let go of it, {rows[Status.FAILED]:,} failed), "
        f"{open_:,} holds open, {pending()} proposals waiting"
    )


def _verify() -> bool:
    try:
        call_command("verify_ledger")
    except SystemExit:
        return False
    return True


def _say_who(hired: Hired, password: str) -> None:
    if hired.new:
        _say(f"\n  Staff      {', '.join(hired.new)}\n  password   {password}  (all of them; shown this once)")
    if hired.known:
        _say(f"  There before, with passwords of their own: {', '.join(hired.known)}")
    _say(f"  Look at    http://localhost:{settings.PORT}/admin/  (make run)\n")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
