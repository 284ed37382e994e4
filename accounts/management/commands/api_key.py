"""`manage.py api_key`: make, list and revoke the keys of API clients."""

import getpass
from argparse import ArgumentTypeError
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.api_keys import create_key, revoke_key
from accounts.exceptions import AccountsError
from accounts.models import ApiKey
from accounts.scopes import Scope
from ledger.exceptions import LedgerError
from ledger.money import json_number, parse_amount


class Command(BaseCommand):
    """Keys of API clients."""

    help = (
        "Make, list and revoke the keys with which programs call the API. A key is shown once, when it is made. "
        "Example: manage.py api_key create shop-backend --scopes wallets:read,wallets:write --days 365"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parsers = parser.add_subparsers(dest="what", required=True, metavar="create | list | revoke")
        create = parsers.add_parser("create", help="make a key, and show it this once")
        create.add_argument("client", metavar="CLIENT", help="the program's name, such as shop-backend; may be new")
        create.add_argument(
            "--scopes", required=True, type=_words, metavar="SCOPE,…", help=f"of {', '.join(Scope.values)}"
        )
        create.add_argument(
            "--accounts", default=[], type=_words, metavar="ACCOUNT,…", help="the only ledger accounts it may use"
        )
        create.add_argument("--largest-amount", metavar="AMOUNT", help="the most that one operation may move")
        create.add_argument("--requests-per-minute", type=int, metavar="N", help="instead of the service's own limit")
        create.add_argument("--days", type=int, metavar="N", help="how long it is good (default: for ever)")
        create.add_argument("--operator", default=None, help="who makes it (default: who you are here)")
        listing = parsers.add_parser("list", help="every key, its scopes and when it was last used")
        listing.add_argument("client", nargs="?", metavar="CLIENT", help="of this client only")
        revoke = parsers.add_parser("revoke", help="end a key for ever, within a second in every process")
        revoke.add_argument("prefix", metavar="PREFIX", help="the key, or how it begins: mws_ and twelve characters")
        revoke.add_argument("--operator", default=None, help="who revokes it (default: who you are here)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except (AccountsError, LedgerError) as error:
            raise CommandError(f"{error}.") from error

    def _create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and not 1 <= days <= 36500:
            raise CommandError("--days must be from 1 to 36500.")
        new = create_key(
            client=options["client"],
            scopes=options["scopes"],
            accounts=options["accounts"],
            largest_amount=_amount(options["largest_amount"]),
            requests_per_minute=options["requests_per_minute"],
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
            created_by=options["operator"] or getpass.getuser(),
        )
        self.stdout.write(new.text)
        self.stderr.write(f"A key of {new.key.client}, shown this once. It may: {new.key.scopes}.")

    def _list(self, options: dict[str, Any]) -> None:
        keys = ApiKey.objects.select_related("client").order_by("client__name", "pk")
        if options["client"]:
            keys = keys.filter(client__name=options["client"])
        for key in keys:
            self.stdout.write(_line(key))

    def _revoke(self, options: dict[str, Any]) -> None:
        prefix = options["prefix"].removeprefix("mws_").partition("_")[0]
        was_good = revoke_key(prefix=prefix, revoked_by=options["operator"] or getpass.getuser())
        self.stdout.write(f"{'Revoked' if was_good else 'Was revoked before'}: mws_{prefix}_…")


def _words(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:  # as when a variable of a script is not set: no accounts would mean any
        raise ArgumentTypeError("must not be empty")
    return words


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else parse_amount(text)
    except InvalidOperation as error:
        raise CommandError(f"{text!r} is not an amount such as 500 or 99.50.") from error


def _line(key: ApiKey) -> str:
    more = [f"accounts {key.accounts}"] if key.accounts else []
    more += [f"at most {json_number(key.largest_amount)}"] if key.largest_amount is not None else []
    more += [f"{key.requests_per_minute} requests a minute"] if key.requests_per_minute else []
    more += [f"until {key.expires_at:%Y-%m-%d}"] if key.expires_at else []
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    return " · ".join([f"{key}  {key.client}", key.state, key.scopes, *more, used])
