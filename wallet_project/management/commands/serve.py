"""`manage.py serve`: the service itself."""

import socket
from typing import Any

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection, connections

from accounts.limiter import require_counters
from accounts.models import ApiKey
from accounts.services import create_first_operator
from wallet_project.health import unapplied_migrations
from wallet_project.server import serve
from wallet_project.setup_lock import alone

FIRST_OPERATOR = "operator"


class Command(BaseCommand):
    """Serve the API, its documentation and the admin."""

    help = (
        "Serve the API, its documentation and the admin on HOST:PORT until told to stop (Ctrl-C or SIGTERM); "
        "requests in flight are answered first. Example: PORT=8080 manage.py serve --setup"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--setup",
            action="store_true",
            help="first apply missing migrations and, without staff yet, create an operator and show its password",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._require_free_port()
        self._require_database()
        if options["setup"]:
            with alone(connection):
                self._set_up()
        elif missing := unapplied_migrations():
            raise CommandError(f"{len(missing)} migrations are not applied: run manage.py migrate, or serve --setup.")
        self._require_sound_database()
        self._require_counters()
        self._say_where()
        connections.close_all()
        serve()
        self.stdout.write("Stopped.")

    def _require_free_port(self) -> None:
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except OSError as error:
                raise CommandError(
                    f"Cannot listen on {settings.HOST}:{settings.PORT}: {error.strerror}. "
                    "Set another PORT (or HOST) in the environment or in .env."
                ) from error

    def _require_database(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"Cannot open the database that DATABASE_URL names: {error.args[-1]}.") from error

    def _require_sound_database(self) -> None:
        findings = run_checks(tags=[Tags.database], databases=["default"])
        for finding in findings:
            self.stderr.write(str(finding))
        if not settings.DEBUG and any(finding.is_serious() for finding in findings):
            raise CommandError("Not started: the database would lose money, as said above.")

    def _require_counters(self) -> None:
        try:
            require_counters()
        except OSError as error:
            raise CommandError(f"{error}.") from error

    def _set_up(self) -> None:
        if missing := unapplied_migrations():
            self.stdout.write(f"Applying {len(missing)} migrations …")
            call_command("migrate", interactive=False, verbosity=0)
        password = create_first_operator(username=FIRST_OPERATOR)
        if password:
            self.stdout.write(
                "\n  The first operator, for the admin. The password is shown this once:\n"
                f"    user      {FIRST_OPERATOR}\n"
                f"    password  {password}\n"
            )

    def _say_where(self) -> None:
        everywhere = {"127.0.0.1", "0.0.0.0", "::1", "::"}  # noqa: S104  (compared with, not bound to)
        host = "localhost" if settings.HOST in everywhere else settings.HOST
        base = f"http://{host}:{settings.PORT}"
        database = settings.DATABASES["default"]
        kind = "SQLite" if database["ENGINE"].endswith("sqlite") else "MySQL"
        self.stdout.write(
            f"\n  Mini Wallet Service on {kind} ({database['NAME']})\n"
            f"    API            {base}\n"
            f"    documentation  {base}/docs\n"
            f"    admin          {base}/admin/  (new password: manage.py changepassword {FIRST_OPERATOR})\n"
            "  Ctrl-C stops it.\n"
        )
        if settings.API_OPEN:
            self.stdout.write(
                "  The API is open: whoever reaches it may move money, without a key. API_OPEN=false closes it.\n"
            )
        elif not ApiKey.objects.exists():
            self.stdout.write(
                "  The API is closed, and there is no key yet. Make one:\n"
                "  manage.py api_key create CLIENT --scopes wallets:read,wallets:write\n"
            )
        if settings.SECURE_SSL_REDIRECT:
            self.stdout.write(
                "  HTTPS is required: plain HTTP is redirected to it. Behind a proxy that ends HTTPS, name it in\n"
                "  TRUSTED_PROXIES; to serve plain HTTP, DJANGO_HTTPS=false.\n"
            )
        self.stdout.flush()
