"""A day in the life of a wallet, as an accountant would read it: what was asked, what was answered, what is there."""

from decimal import Decimal

import pytest

from ledger.trial_balance import trial_balances
from tests.conftest import Api
from tests.factories import new_user
from tests.invariants import assert_ledger_is_sound

pytestmark = pytest.mark.django_db

# asked                     reference       answer                      balance after
MORNING = """
credit   25000.00           salary-2026-11  ok                          25000
debit     8000.00           rent-2026-11    ok                          17000
debit      450.75           grocer-881      ok                          16549.25
debit      450.75           grocer-881      ok again                    16549.25
debit    20000.00           car-17          Insufficient balance        16549.25
debit    20000.00           car-17          Insufficient balance again  16549.25
credit    5000.00           bonus-2026-11   ok                          21549.25
debit    20000.00           car-17          Insufficient balance again  21549.25
debit    20000.00           car-18          ok                          1549.25
debit     1549.25           rest            ok                          0
debit        0.01           one-paisa       Insufficient balance        0
credit       0.10           tea-1           ok                          0.1
credit       0.20           tea-2           ok                          0.3
credit     999.00           tea-2           Duplicate referenceId       0.3
debit        0.30           tea-1           Duplicate referenceId       0.3
"""


def test_a_day_of_a_wallet(api: Api) -> None:
    user = new_user()
    api.post("/wallets", {"userId": user.user_id})
    for line in MORNING.strip().splitlines():
        kind, amount, reference, *answer, balance = line.split()
        call = api.credit if kind == "credit" else api.debit
        reply = call(user.user_id, amount, reference)
        said = reply.body.get("error", "ok") + (" again" if "Idempotent-Replayed" in reply.headers else "")
        assert said == " ".join(answer), line
        assert api.get(f"/wallets/{user.user_id}").body["balance"] == Decimal(balance), line
    assert_ledger_is_sound()


def test_where_the_money_of_three_people_came_from_and_where_it_is(api: Api) -> None:
    """Asha is paid 1000 from outside, and 50 from adjustments. Bela is paid 200 and spends 80. Chitra has nothing."""
    asha, bela, chitra = (new_user().user_id for _ in range(3))
    for user_id in (asha, bela, chitra):
        api.post("/wallets", {"userId": user_id})
    api.credit(asha, 1000, "asha-1")
    api.post(f"/wallets/{asha}/credit", {"amount": 50, "referenceId": "asha-2", "account": "adjustments"})
    api.credit(bela, 200, "bela-1")
    api.debit(bela, 80, "bela-2")
    assert api.debit(chitra, 1, "chitra-1").body == {"error": "Insufficient balance"}

    (rupees,) = trial_balances()
    assert dict(rupees.lines) == {
        "external": -1120,  # gave 1000 and 200, got 80 back
        "adjustments": -50,
        "wallets": 1170,  # Asha 1050, Bela 120, Chitra 0
    }
    assert rupees.debits == rupees.credits == 1170
    assert rupees.holds
