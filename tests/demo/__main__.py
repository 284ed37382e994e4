"""`python -m tests.demo`: refuses what a careful operator would not want, tells the story, and says where to look."""

import argparse
import os
import sys


def main() -> None:
    """Fill the database of DATABASE_URL; a setting that makes no sense ends it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_project.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(f"demo: {error}")
    # Models can be imported from here on, and not before.
    from tests.demo.command import Refused, run

    options = arguments().parse_args()
    try:
        run(options)
    except Refused as refused:
        sys.exit(f"demo: {refused}")
    except KeyboardInterrupt:
        sys.exit("\ndemo: Stopped. What was made so far stays; --more adds to it.")


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.demo",
        description="Fill the database that DATABASE_URL names with people and their last weeks, through the service's "
        "own door. Example: python -m tests.demo --people 1000 --transactions 50000",
    )
    add = parser.add_argument
    add("--people", type=int, default=200, metavar="N", help="how many people get a wallet (default 200)")
    add(
        "--transactions",
        type=int,
        default=10_000,
        metavar="N",
        help="how many transactions there shall be, approximately (default 10000)",
    )
    add("--days", type=int, default=90, metavar="N", help="how far back the history begins, in days (default 90)")
    add("--seed", type=int, default=1, metavar="N", help="the same number tells the same story again (default 1)")
    add("--more", action="store_true", help="add further people to a database that has users already")
    add("--yes", action="store_true", help="do it also where DJANGO_DEBUG is false, as in production")
    add("--password", metavar="TEXT", help="the password of the demo's staff (default: a new one, shown once)")
    return parser


if __name__ == "__main__":
    main()
