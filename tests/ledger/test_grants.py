"""The rights that `manage.py database_grants` gives the user as whom the service runs."""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.api_keys import create_key, revoke_key
from accounts.models import ApiKey
from ledger.models import Verification
from tests.conftest import Api
from tests.factories import new_wallet
from tests.threads import in_a_thread
from wallets.corrections import set_frozen
from wallets.operations import Credit
from wallets.posting import post

pytestmark = pytest.mark.django_db(transaction=True)


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.engine("mysql")
class TestAsTheRuntimeUser:
    """The user that `manage.py database_grants` describes: it can do its work, and cannot rewrite history."""

    @pytest.fixture
    def runtime(self, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
        import MySQLdb

        here = connection.settings_dict
        name = f"runtime_{os.getpid()}"
        with connection.cursor() as cursor:
            cursor.execute("SHOW GRANTS")
            if not any("WITH GRANT OPTION" in grant for (grant,) in cursor.fetchall()):
                pytest.skip(f"{here['USER']} may not GRANT on this server; give it GRANT OPTION to run this")
        execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'runtime'")
        call_command("database_grants", user=f"'{name}'@'%'")
        for statement in capsys.readouterr().out.splitlines():
            execute(statement.rstrip(";"))
        other = MySQLdb.connect(
            host=here["HOST"], port=int(here["PORT"]), user=name, password="runtime", database=here["NAME"]
        )
        yield {"connection": other, "USER": name, "PASSWORD": "runtime"}
        other.close()
        execute(f"DROP USER '{name}'@'%'")

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE transactions SET amount = 1",
            "DELETE FROM transactions",
            "REPLACE INTO transactions SELECT * FROM transactions",
            "INSERT INTO transactions SELECT * FROM transactions AS old ON DUPLICATE KEY UPDATE balance_after = 0",
            "TRUNCATE transactions",
            "DROP TABLE transactions",
            "ALTER TABLE transactions DROP COLUMN hash",
            "DROP TRIGGER transactions_no_update",
            "RENAME TABLE transactions TO gone",
            "DELETE FROM wallets",
            "UPDATE wallets SET currency = 'EUR'",
            "TRUNCATE wallets",
            "UPDATE accounts SET must_be_zero = 0",
            "UPDATE holds SET amount = 1",
            "DELETE FROM holds",
            "UPDATE api_keys SET scopes = 'wallets:operate'",
            "DELETE FROM api_keys",
            "UPDATE api_clients SET name = 'another'",
        ],
    )
    def test_history_cannot_be_rewritten(self, runtime: Any, sql: str) -> None:
        import MySQLdb

        new_wallet(100)
        with pytest.raises(MySQLdb.OperationalError) as refused:
            runtime["connection"].cursor().execute(sql)
        assert refused.value.args[0] in {1142, 1143, 1227, 1370}  # denied: command, column, privilege

    def test_its_work_can_be_done(self, runtime: Any) -> None:

        wallet = new_wallet(100)
        user = {"USER": runtime["USER"], "PASSWORD": runtime["PASSWORD"]}
        body = {"userId": 999, "user_name": "A", "user_email": "a@b.cd", "user_phone": "1"}
        assert in_a_thread(lambda: Api().post("/users", body), **user).result(20).status == 201
        assert in_a_thread(lambda: Api().post("/wallets", {"userId": 999}), **user).result(20).status == 201
        assert in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), **user).result(20).body["balance"] == 70
        assert in_a_thread(lambda: Api().get(f"/wallets/{wallet.pk}"), **user).result(20).status == 200
        assert in_a_thread(lambda: Api().get("/health/ready"), **user).result(20).status == 200
        assert in_a_thread(lambda: run_checks(tags=[Tags.database], databases=["default"]), **user).result(20) == []

        other = new_wallet()
        batch = [Credit(user_id=owner, amount=Decimal(1), reference_id=f"b-{owner}") for owner in (wallet.pk, other.pk)]
        assert len(in_a_thread(lambda: post(batch), **user).result(20)) == 2
        path = f"/wallets/{wallet.pk}/holds"
        hold = (
            in_a_thread(lambda: Api().post(path, {"amount": 5, "referenceId": "h"}), **user).result(20).body["holdId"]
        )
        captured = in_a_thread(lambda: Api().post(f"/holds/{hold}/capture", {"referenceId": "c"}), **user).result(20)
        assert captured.status == 200
        limits = {"dailyLimit": 1000, "reason": "Policy"}
        patched = in_a_thread(
            lambda: Api().request("PATCH", f"/wallets/{wallet.pk}/limits", json.dumps(limits)), **user
        ).result(20)
        assert patched.status == 200
        why: Any = {"reason": "A dispute", "actor": "asha"}
        assert in_a_thread(lambda: set_frozen(user_id=wallet.pk, frozen=True, **why), **user).result(20)
        made: Any = {"client": "shop", "scopes": ["wallets:read"], "created_by": "asha"}
        key = in_a_thread(lambda: create_key(**made), **user).result(20)
        assert in_a_thread(lambda: Api(key.text).get(f"/wallets/{wallet.pk}"), **user).result(20).status == 200
        assert ApiKey.objects.get().last_used_at is not None
        assert in_a_thread(lambda: revoke_key(prefix=key.key.prefix, revoked_by="asha"), **user).result(20)
        in_a_thread(lambda: call_command("verify_ledger", stdout=StringIO()), **user).result(20)
        assert Verification.objects.get().findings == 0


@pytest.mark.engine("sqlite")
def test_sqlite_has_no_grants_and_says_so() -> None:
    with pytest.raises(CommandError, match="SQLite has no users and no grants"):
        call_command("database_grants")
