"""What staff do in the back office: each with a right and a reason, each recorded, none by a form of Django's."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Staff
from ledger.models import AuditRecord, Transaction
from ledger.verification import Scope, verify
from tests.conftest import NothingMoved
from tests.factories import StaffFactory, new_wallet
from wallets import services
from wallets.approvals import propose_adjustment
from wallets.corrections import set_frozen
from wallets.models import Hold, Proposal, Wallet

pytestmark = pytest.mark.django_db
WHY = "Ticket 4711"


@pytest.fixture(autouse=True)
def _alone(settings: Any) -> None:
    """One person may correct up to 100."""
    settings.WALLET_APPROVAL_LIMIT = Decimal(100)


def signed_in(username: str, role: str) -> Client:
    staff: Staff = StaffFactory.create(username=username, is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(staff)
    return client


def page(wallet: Wallet, name: str) -> str:
    return f"/admin/wallets/wallet/{wallet.pk}/{name}/"


def said(client: Client, url: str, **values: Any) -> str:
    """What the page says after the form was sent."""
    return client.post(url, values, follow=True).content.decode()


@pytest.fixture
def asha() -> Client:
    return signed_in("asha", "operator")


@pytest.fixture
def sara() -> Client:
    return signed_in("sara", "supervisor")


def fresh(wallet: Wallet) -> Wallet:
    assert verify(Scope(), {}).findings == []
    return Wallet.objects.get(pk=wallet.pk)


def test_an_operator_freezes_and_unfreezes_and_both_are_recorded() -> None:
    wallet, asha = new_wallet(100), signed_in("asha", "operator")
    assert "Freeze" in asha.get(f"/admin/wallets/wallet/{wallet.pk}/change/").content.decode()
    assert "The wallet is frozen." in said(asha, page(wallet, "freeze"), debits_only="on", reason=WHY)
    assert fresh(wallet).status == "DEBIT_FROZEN"
    assert "Money may move again." in said(asha, page(wallet, "unfreeze"), reason=WHY)
    records = AuditRecord.objects.order_by("pk").values_list("action", "actor", "reason")
    assert list(records) == [("freeze", "staff:asha", WHY), ("unfreeze", "staff:asha", WHY)]


def test_a_supervisor_sets_limits_and_closes() -> None:
    wallet, sara = new_wallet(), signed_in("sara", "supervisor")
    shown = sara.get(page(wallet, "limits")).content.decode()
    assert 'name="overdraft_limit"' in shown
    assert "The limits are set." in said(
        sara, page(wallet, "limits"), overdraft_limit="50", daily_limit="5", reason=WHY
    )
    assert (fresh(wallet).overdraft_limit, fresh(wallet).daily_limit, fresh(wallet).amount_limit) == (50, 5, None)
    assert "The wallet is closed for ever." in said(sara, page(wallet, "close"), reason=WHY)
    assert "The wallet is closed." in said(sara, page(wallet, "freeze"), reason=WHY), "beside the form"


def test_a_small_adjustment_is_posted_once_however_often_the_form_is_sent() -> None:
    wallet, asha = new_wallet(100), signed_in("asha", "operator")
    token = asha.get(page(wallet, "adjust")).context["form"]["token"].value()
    for words in ("Posted: DEBIT", "This was posted before. Nothing was posted now."):
        assert words in said(asha, page(wallet, "adjust"), amount="-12.50", reason=WHY, token=token)
    row = Transaction.objects.get(kind="ADJUSTMENT")
    assert (row.amount, row.actor, row.description) == (Decimal("12.5"), "staff:asha", WHY)
    assert fresh(wallet).balance == Decimal("87.5")


def test_a_large_one_is_proposed_and_approved_by_another(nothing_moved: NothingMoved) -> None:
    wallet, asha, sara = new_wallet(1000), signed_in("asha", "operator"), signed_in("sara", "supervisor")
    token = asha.get(page(wallet, "adjust")).context["form"]["token"].value()
    with nothing_moved():
        text = said(asha, page(wallet, "adjust"), amount="-500", reason=WHY, token=token)
        assert "It is proposed, as <a href=" in text
        proposal = Proposal.objects.get()
        seen = sara.get(f"/admin/wallets/proposal/{proposal.pk}/change/").content.decode()
        assert "bring the balance from 1,000.00\N{NO-BREAK SPACE}INR to 500.00\N{NO-BREAK SPACE}INR" in seen
        assert "Proposals (1)" in seen
    assert Transaction.objects.filter(kind="ADJUSTMENT").count() == 0, "looking at it did nothing"
    decide = f"/admin/wallets/proposal/{proposal.pk}/decide/"
    assert "Approved and posted." in said(sara, decide, decision="approve")
    assert fresh(wallet).balance == 500
    assert "Proposals (" not in sara.get("/admin/").content.decode()
    with nothing_moved():
        assert "Approved before, by staff:sara" in said(signed_in("tom", "supervisor"), decide, decision="approve")


def test_nobody_decides_their_own_and_an_operator_decides_none(nothing_moved: NothingMoved) -> None:
    wallet, sara, asha = new_wallet(1000), signed_in("sara", "supervisor"), signed_in("asha", "operator")
    asked = propose_adjustment(user_id=wallet.pk, amount=Decimal(500), reason=WHY, actor="staff:sara")
    decide = f"/admin/wallets/proposal/{asked.pk}/decide/"
    with nothing_moved():
        assert "another has to approve" in said(sara, decide, decision="approve")
        assert asha.post(decide, {"decision": "approve"}).status_code == 403
        assert (
            "waits for somebody who may approve it"
            in asha.get(f"/admin/wallets/proposal/{asked.pk}/change/").content.decode()
        )
        assert sara.get(decide).status_code == 405
        assert "A reason of 1 to 500 characters is needed" in said(
            signed_in("tom", "supervisor"), decide, decision="decline"
        )
    assert "Declined." in said(signed_in("una", "supervisor"), decide, decision="decline", reason="No such fee")
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.decision_reason) == ("DECLINED", "staff:una", "No such fee")


def test_an_approval_that_fails_says_so() -> None:
    wallet, sara = new_wallet(100), signed_in("sara", "supervisor")
    asked = propose_adjustment(user_id=wallet.pk, amount=Decimal(-500), reason=WHY, actor="staff:asha")
    shown = sara.get(f"/admin/wallets/proposal/{asked.pk}/change/").content.decode()
    assert "it would fail: Insufficient balance" in shown
    assert "Recorded as FAILED: Insufficient balance." in said(
        sara, f"/admin/wallets/proposal/{asked.pk}/decide/", decision="approve"
    )


def test_a_transaction_is_reversed_and_a_hold_released_from_their_own_pages() -> None:
    wallet, asha = new_wallet(500), signed_in("asha", "operator")
    row = services.debit(user_id=wallet.pk, amount=90, reference_id="d").transaction
    hold_id = services.place_hold(user_id=wallet.pk, amount=50, reference_id="h").transaction.concerns
    assert "Reverse" in asha.get(f"/admin/ledger/transaction/{row.pk}/change/").content.decode()
    url = f"/admin/wallets/wallet/reverse/{row.transaction_id}/"
    token = asha.get(url).context["form"]["token"].value()
    assert "Posted: CREDIT" in said(asha, url, amount="", reason=WHY, token=token)
    assert "Release" in asha.get(f"/admin/wallets/hold/{hold_id}/change/").content.decode()
    assert "The hold is released." in said(asha, f"/admin/wallets/hold/{hold_id}/release/", reason=WHY)
    assert (fresh(wallet).balance, fresh(wallet).held, Hold.objects.get().status) == (500, 0, "RELEASED")
    large = services.debit(user_id=wallet.pk, amount=400, reference_id="d2").transaction
    url = f"/admin/wallets/wallet/reverse/{large.transaction_id}/"
    token = asha.get(url).context["form"]["token"].value()
    assert "It is proposed, as <a href=" in said(asha, url, reason=WHY, token=token)
    assert Proposal.objects.get().concerns == large.transaction_id


@pytest.mark.parametrize(
    ("name", "values", "complaint"),
    [
        ("freeze", {"reason": ""}, "This field is required."),
        ("freeze", {"reason": "x" * 501}, "at most 500 characters"),
        ("adjust", {"amount": "0", "reason": WHY}, "An adjustment of 0 changes nothing."),
        ("adjust", {"amount": "much", "reason": WHY}, "Enter a number."),
        ("adjust", {"amount": "1.234", "reason": WHY}, "Amount must have at most 2 decimals in INR."),
        ("adjust", {"amount": "NaN", "reason": WHY}, "Enter a number."),
        ("limits", {"overdraft_limit": "-1", "reason": WHY}, "greater than or equal to 0"),
        ("limits", {"balance_limit": "5", "reason": WHY}, "The balance limit must cover what the wallet has now."),
        ("close", {"reason": WHY}, "A wallet can be closed when its balance is 0 and nothing is held."),
    ],
)
def test_what_is_wrong_is_said_beside_the_form_and_changes_nothing(
    name: str, values: dict[str, str], complaint: str, nothing_moved: NothingMoved
) -> None:
    wallet, sara = new_wallet(50), signed_in("sara", "supervisor")
    with nothing_moved():
        values["token"] = "01a2043c-6ce1-753f-aa55-b0807cdd7ac3"
        assert complaint in said(sara, page(wallet, name), **values)
    assert not AuditRecord.objects.exists()


def test_each_action_takes_its_right(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(500)
    row = services.debit(user_id=wallet.pk, amount=90, reference_id="d").transaction
    hold_id = services.place_hold(user_id=wallet.pk, amount=50, reference_id="h").transaction.concerns
    everybody = {role: signed_in(role, role) for role in ("viewer", "operator", "supervisor", "administrator")}
    pages = {
        page(wallet, "freeze"): {"operator", "supervisor"},
        page(wallet, "unfreeze"): {"operator", "supervisor"},
        page(wallet, "limits"): {"supervisor"},
        page(wallet, "adjust"): {"operator", "supervisor"},
        page(wallet, "close"): {"supervisor"},
        f"/admin/wallets/wallet/reverse/{row.transaction_id}/": {"operator", "supervisor"},
        f"/admin/wallets/hold/{hold_id}/release/": {"operator", "supervisor"},
    }
    with nothing_moved():
        for url, roles in pages.items():
            assert Client().get(url).status_code == 302, "a stranger is asked to sign in"
            for role, client in everybody.items():
                expected = 200 if role in roles else 403
                assert client.get(url).status_code == expected, (role, url)
                if expected == 403:
                    assert client.post(url, {"reason": WHY, "amount": "5"}).status_code == 403, (role, url)


def test_what_is_not_there_is_404(nothing_moved: NothingMoved) -> None:
    sara = signed_in("sara", "supervisor")
    with nothing_moved():
        for url in (
            "/admin/wallets/wallet/404404/freeze/",
            f"/admin/wallets/wallet/{2**70}/freeze/",
            "/admin/wallets/wallet/reverse/01a2043c-6ce1-753f-aa55-b0807cdd7ac3/",
            "/admin/wallets/hold/01a2043c-6ce1-753f-aa55-b0807cdd7ac3/release/",
        ):
            assert sara.get(url).status_code == 404, url
        assert "Proposal not found." in said(sara, "/admin/wallets/proposal/404/decide/", decision="approve")


def test_a_form_that_is_sent_again_proposes_once_too(asha: Client) -> None:
    wallet = new_wallet(50000)
    paid = services.debit(user_id=wallet.pk, amount=30000, reference_id="order").transaction
    for url in (page(wallet, "adjust"), f"/admin/wallets/wallet/reverse/{paid.transaction_id}/"):
        token = str(uuid4())
        for _ in range(3):
            said(asha, url, amount="20000", reason=WHY, token=token)
        assert "Duplicate referenceId" in said(asha, url, amount="20001", reason=WHY, token=token)
    assert Proposal.objects.count() == 2, "one of each"


def test_after_a_failure_the_form_is_another_attempt(asha: Client) -> None:
    wallet = new_wallet(80)
    url = page(wallet, "adjust")
    first = str(uuid4())
    failed = asha.post(url, {"amount": "-100", "reason": WHY, "token": first})
    assert "Recorded as FAILED: Insufficient balance." in failed.content.decode()
    second = failed.context["form"]["token"].value()
    assert second != first
    assert "Posted: DEBIT" in said(asha, url, amount="-50", reason=WHY, token=second)
    assert "This was posted before" in said(asha, url, amount="-50", reason=WHY, token=second)
    assert fresh(wallet).balance == 30


def test_what_would_fail_is_not_offered_to_be_approved(asha: Client, sara: Client) -> None:
    wallet = new_wallet(50000)
    said(asha, page(wallet, "adjust"), amount="-20000", reason=WHY, token=str(uuid4()))
    url = f"/admin/wallets/proposal/{Proposal.objects.get().pk}/change/"
    assert 'value="approve"' in sara.get(url).content.decode()
    set_frozen(user_id=wallet.pk, frozen=True, reason="A dispute", actor="staff:sara")
    seen = sara.get(url).content.decode()
    assert 'value="approve"' not in seen
    assert "It can be approved once it can be carried out." in seen
    assert 'value="decline"' in seen


def test_pressing_enter_in_the_reason_declines_and_nothing_else_is_a_decision(
    asha: Client, sara: Client, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(50000)
    said(asha, page(wallet, "adjust"), amount="-20000", reason=WHY, token=str(uuid4()))
    proposal = Proposal.objects.get()
    seen = sara.get(f"/admin/wallets/proposal/{proposal.pk}/change/").content.decode()
    forms = [form.split("</form>")[0] for form in seen.split("<form ")[1:] if "decide" in form.split(">")[0]]
    assert [("approve" in form, 'name="reason"' in form) for form in forms] == [(True, False), (False, True)]
    with nothing_moved():
        for decision in ("", "yes", "APPROVE"):
            sara.post(f"/admin/wallets/proposal/{proposal.pk}/decide/", {"decision": decision, "reason": "x"})
    assert Proposal.objects.get().status == "PENDING"
