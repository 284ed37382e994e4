"""The door of the back office: passwords are tried a few times only, a second factor holds, sessions end."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import ApiKey, Staff
from tests.conftest import Api
from tests.factories import StaffFactory, new_wallet

pytestmark = pytest.mark.django_db

SIGN_IN, HOME, FACTOR = "/admin/login/", "/admin/", "/admin/second-factor/"
PASSWORD = "a-long-and-secret-word"


@pytest.fixture
def asha() -> Staff:
    staff: Staff = StaffFactory.create(username="asha", is_superuser=True)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def sign_in(client: Client, password: str = PASSWORD, code: str = "", username: str = "asha", **headers: Any) -> Any:
    return client.post(
        SIGN_IN, {"username": username, "password": password, "otp_token": code, "next": HOME}, **headers
    )


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = timezone.now().timestamp() + steps * device.step
    return f"{totp.token():06d}"


def test_the_right_password_gets_in_and_a_wrong_one_does_not(asha: Staff) -> None:
    client = Client()
    assert sign_in(client, "wrong").status_code == 200
    assert not is_in(client)
    assert sign_in(client).headers["Location"] == HOME
    assert is_in(client)


def test_after_five_wrong_passwords_even_the_right_one_waits_a_quarter_of_an_hour(asha: Staff) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        for number in range(5):
            last = sign_in(client, f"wrong-{number}")
        assert last.status_code == 429
        assert "Wait 15 minutes" in last.content.decode()
        assert last.headers["Retry-After"] == "900"
        assert sign_in(client).status_code == 429
        assert sign_in(Client(), REMOTE_ADDR="10.9.9.9").status_code == 429, "nor from another address"
        clock.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(client).status_code == 302


def test_another_way_to_write_a_name_is_no_way_around_its_lock(asha: Staff) -> None:
    for name in ("ASHA", "Asha", "\u00e1sha", "asha\u0301"):
        assert sign_in(Client(), username=name, REMOTE_ADDR=f"10.0.0.{len(name)}").status_code == 200, "it is nobody's"
        assert not Staff.objects.filter(username=name).exists(), name


def test_one_address_cannot_try_the_same_password_with_every_name(asha: Staff) -> None:
    client = Client()
    for number in range(5):
        sign_in(client, username=f"somebody-{number}")
    assert sign_in(client).status_code == 429
    assert sign_in(Client(), REMOTE_ADDR="10.9.9.9").status_code == 302, "asha is not locked out by it"


def test_ten_attempts_a_minute_are_looked_at_whatever_their_passwords(asha: Staff) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(10):
            assert sign_in(Client()).status_code == 302
        late = Client()
        assert "Too many attempts to sign in, try again in 60 seconds." in sign_in(late).content.decode()
        assert not is_in(late)
        clock.shift(60)
        assert sign_in(late).status_code == 302


def test_an_administrator_unlocks(asha: Staff) -> None:
    for _ in range(5):
        sign_in(Client(), "wrong")
    call_command("axes_reset")
    assert sign_in(Client()).status_code == 302


def test_the_session_is_another_one_after_signing_in(asha: Staff) -> None:
    client = Client()
    client.get(SIGN_IN)
    client.cookies["sessionid"] = "chosen-by-an-attacker-0123456789"
    sign_in(client)
    assert client.cookies["sessionid"].value != "chosen-by-an-attacker-0123456789"
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", ""), "gone with the browser"


def test_a_session_ends_after_eight_hours(asha: Staff) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        sign_in(client)
        clock.shift(timedelta(hours=7, minutes=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=2))
        assert not is_in(client)


def test_a_next_page_elsewhere_is_not_gone_to(asha: Staff) -> None:
    reply = Client().post(SIGN_IN, {"username": "asha", "password": PASSWORD, "next": "https://evil.example/"})
    assert reply.headers["Location"] == HOME


def test_a_database_that_cannot_be_reached_is_a_page_that_says_so(asha: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> None:
        raise OperationalError("database is locked")

    client = Client(raise_request_exception=False)
    client.force_login(asha)
    monkeypatch.setattr("wallet_project.back_office.pending", busy)
    reply = client.get(HOME)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert "Nothing was changed. Try again" in reply.content.decode()
    assert "locked" not in reply.content.decode()


def test_a_form_that_another_site_sends_is_refused(asha: Staff) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(asha)
    reply = client.post("/admin/accounts/apiclient/add/", {"name": "stolen"})
    assert reply.status_code == 403
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_a_second_factor_is_set_up_by_its_owner_and_then_asked_for(asha: Staff) -> None:
    client = Client()
    sign_in(client)
    page = client.get(FACTOR).content.decode()
    device = TOTPDevice.objects.get(user=asha)
    assert "data:image/svg+xml" in page
    assert not device.confirmed
    assert "This code is not right" in client.post(FACTOR, {"code": "000000"}).content.decode()
    assert is_in(client), "a wrong code locks nobody out before it is set up"
    device.refresh_from_db()
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False) as clock:
        assert client.post(FACTOR, {"code": code_of(device)}).status_code == 302
        assert is_in(client), "who set it up stays in"
        assert "is set up" in client.get(FACTOR).content.decode()
        clock.shift(60)
        other = Client()
        assert "Enter the code" in sign_in(other).content.decode()
        assert not is_in(other)
        assert "This code is not right" in sign_in(other, code="000000").content.decode()
        clock.shift(60)
        code = code_of(device)
        assert sign_in(other, code=code).status_code == 302
        assert is_in(other)
        assert sign_in(Client(), code=code).status_code == 200, "a code is good once"


def test_a_session_without_the_second_factor_is_out_once_there_is_one(asha: Staff) -> None:
    old = Client()
    sign_in(old)
    assert is_in(old)
    TOTPDevice.objects.create(user=asha, confirmed=True, name="phone")
    assert not is_in(old)
    assert old.post(FACTOR, {"code": "000000"}).status_code == 302, "and cannot set up another"
    assert TOTPDevice.objects.count() == 1


def test_wrong_codes_are_slowed_down_and_count_as_wrong_passwords_do(asha: Staff) -> None:
    TOTPDevice.objects.create(user=asha, confirmed=True, name="phone")
    client = Client()
    for _ in range(3):
        last = sign_in(client, code="000000")
    assert "Verification temporarily disabled" in last.content.decode()


def test_where_everybody_needs_one_staff_without_see_nothing_but_how_to_get_it(asha: Staff, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = Client()
    sign_in(client)
    for url in (HOME, "/admin/wallets/wallet/", "/admin/password_change/"):
        assert client.get(url).headers["Location"] == FACTOR
    assert client.get(FACTOR).status_code == 200
    device = TOTPDevice.objects.get()
    assert client.post(FACTOR, {"code": code_of(device)}).status_code == 302
    assert is_in(client)
    assert client.post("/admin/logout/").status_code == 200


def member(role: str) -> Client:
    staff = StaffFactory.create(username=role, is_staff=True, is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(staff)
    return client


def test_each_role_sees_what_it_may() -> None:
    new_wallet(5)
    pages = {
        "/admin/wallets/wallet/": {"viewer", "operator", "supervisor", "administrator"},
        "/admin/ledger/transaction/": {"viewer", "operator", "supervisor", "administrator"},
        "/admin/ledger/account/add/": {"supervisor"},
        "/admin/accounts/apikey/": {"administrator"},
        "/admin/accounts/apikey/add/": {"administrator"},
        "/admin/accounts/staff/": {"administrator"},
        "/admin/otp_totp/totpdevice/": {"administrator"},
        "/admin/axes/accessattempt/": {"administrator"},
    }
    for role in ("viewer", "operator", "supervisor", "administrator"):
        client = member(role)
        for url, roles in pages.items():
            assert client.get(url).status_code == (200 if role in roles else 403), (role, url)


def test_a_name_of_staff_is_for_ever_and_fits_where_records_say_it(asha: Staff) -> None:
    """Or somebody could take up another name, and approve what they proposed under the one before."""
    client = member("administrator")
    sara = StaffFactory.create(username="sara", is_superuser=False)
    page = f"/admin/accounts/staff/{sara.pk}/change/"
    form = {"username": "somebody-else", "is_active": "on", "is_staff": "on"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
    assert client.post(page, form).status_code == 302
    sara.refresh_from_db()
    assert sara.username == "sara"
    client.force_login(asha)
    assert client.post(page, form).status_code == 302
    sara.refresh_from_db()
    assert sara.username == "sara", "nor does a superuser rename"
    new = {"password1": "a-long-and-secret-word", "password2": "a-long-and-secret-word", "usable_password": "true"}
    assert (
        "at most 94 characters"
        in client.post("/admin/accounts/staff/add/", new | {"username": "x" * 95}).content.decode()
    )
    assert client.post("/admin/accounts/staff/add/", new | {"username": "x" * 94}).status_code == 302


def test_an_administrator_makes_nobody_a_superuser_and_touches_none(asha: Staff) -> None:
    client = member("administrator")
    mine = Staff.objects.get(username="administrator")
    page = f"/admin/accounts/staff/{mine.pk}/change/"
    form = {"username": "administrator", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00", "groups": str(mine.groups.get().pk)}
    assert client.post(page, form).status_code == 302
    mine.refresh_from_db()
    assert not mine.is_superuser
    supervisors = str(Group.objects.get(name="supervisor").pk)
    client.post(page, form | {"groups": supervisors})
    assert [group.name for group in mine.groups.all()] == ["administrator"], "nor takes up another role"
    TOTPDevice.objects.create(user=asha, confirmed=True, name="phone")
    assert client.get("/admin/otp_totp/totpdevice/?key__startswith=0").status_code in {302, 400}, "no secret is guessed"
    assert client.get(page).status_code == 200, "and may do as much as before"
    theirs = TOTPDevice.objects.get(user=asha)
    factors = "/admin/otp_totp/totpdevice/"
    assert client.post(f"{factors}{theirs.pk}/delete/", {"post": "yes"}).status_code == 302, "to a page that knows none"
    client.post(factors, {"action": "delete_selected", "_selected_action": theirs.pk, "post": "yes"})
    assert TOTPDevice.objects.filter(pk=theirs.pk).exists(), "a superuser's second factor stays"
    assert client.post(f"/admin/accounts/staff/{asha.pk}/change/", form).status_code == 403
    passwords = {"password1": "x", "password2": "x"}
    assert client.post(f"/admin/accounts/staff/{asha.pk}/password/", passwords).status_code == 403
    asha.refresh_from_db()
    assert asha.check_password(PASSWORD)


def test_a_key_is_made_in_the_back_office_shown_once_and_revoked(settings: Any) -> None:
    settings.API_OPEN = False
    client = member("administrator")
    assert client.post("/admin/accounts/apiclient/add/", {"name": "shop", "purpose": "The shop"}).status_code == 302
    from accounts.models import ApiClient

    form = {"client": ApiClient.objects.get().pk, "scopes": ["wallets:read"], "accounts": ["external"]}
    form |= {
        "largest_amount": "50",
        "requests_per_minute": "",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
    }
    made = client.post("/admin/accounts/apikey/add/", form)
    assert "no-store" in made.headers["Cache-Control"]
    found = re.search(r"mws_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", made.content.decode())
    assert found
    wallet = new_wallet()
    assert Api(found[0]).get(f"/wallets/{wallet.pk}").status == 200
    key = ApiKey.objects.get()
    assert (key.created_by, key.accounts, key.largest_amount) == ("administrator", "external", 50)
    pages = (f"/admin/accounts/apikey/{key.pk}/change/", "/admin/accounts/apikey/", "/admin/")
    for url in pages:
        shown = client.get(url).content.decode()
        assert found[0][17:] not in shown
        assert key.secret_hash not in shown
    action = {"action": "revoke", "_selected_action": [key.pk]}
    looks_only = member("viewer")
    Staff.objects.get(username="viewer").user_permissions.add(Permission.objects.get(codename="view_apikey"))
    looks_only.post("/admin/accounts/apikey/", action)
    key.refresh_from_db()
    assert key.revoked_at is None
    assert client.post("/admin/accounts/apikey/", action).status_code == 302
    assert Api(found[0]).get(f"/wallets/{wallet.pk}").answer == (401, {"error": "The API key was revoked"})
    key.refresh_from_db()
    assert key.revoked_by == "administrator"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"accounts": ["transfers"]},
        {"largest_amount": "-1"},
        {"requests_per_minute": "0"},
        {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"},
    ],
)
def test_a_key_that_makes_no_sense_is_not_made_in_the_back_office_either(wrong: dict[str, Any]) -> None:
    from accounts.models import ApiClient

    client = member("administrator")
    shop = ApiClient.objects.create(name="shop")
    form = {"client": shop.pk, "scopes": ["wallets:read"], "accounts": [], "expires_at_0": "", "expires_at_1": ""}
    reply = client.post("/admin/accounts/apikey/add/", form | wrong)
    assert reply.status_code == 200
    assert "Please correct the error" in reply.content.decode()
    assert not ApiKey.objects.exists()
