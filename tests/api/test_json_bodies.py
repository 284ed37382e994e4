"""JSON bodies: an object, UTF-8, at most 16 KB, no duplicate keys. Nothing else gets in, and it leaves no trace."""

import pytest

from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet

pytestmark = pytest.mark.django_db

GOOD = '{"amount":1,"referenceId":"r"}'


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", "Body is not valid JSON: Expecting property name enclosed in double quotes at character 1"),
        ("not json", "Body is not valid JSON: Expecting value at character 0"),
        (GOOD + GOOD, "Body is not valid JSON: Extra data at character 30"),
        ("{'amount':1}", "Body is not valid JSON: Expecting property name enclosed in double quotes at character 1"),
        ('{"amount":1,}', "Body is not valid JSON: "),
        ('{"amount":1/*five*/}', "Body is not valid JSON: "),
        ('{"amount":1,"referenceId":"a\nb"}', "Body is not valid JSON: Invalid control character at"),
        (b"\xef\xbb\xbf" + GOOD.encode(), "Body is not valid JSON: "),
        ("[]", "Body must be a JSON object"),
        ("null", "Body must be a JSON object"),
        ("1", "Body must be a JSON object"),
        ('"text"', "Body must be a JSON object"),
        (f"[{GOOD}]", "Body must be a JSON object"),
        ('{"amount":1,"amount":1000,"referenceId":"r"}', "Duplicate key: amount"),
        ('{"amount":1,"\\u0061mount":1000,"referenceId":"r"}', "Duplicate key: amount"),
        ('{"amount":1,"referenceId":"r","x":{"a":1,"a":2}}', "Duplicate key: a"),
        (GOOD.encode("utf-16"), "Body is not UTF-8"),
        (b'{"amount":1,"referenceId":"\xff"}', "Body is not UTF-8"),
        ('{"amount":1,"referenceId":"\\ud800"}', "Body holds half of a surrogate pair"),
        ('{"amount":1,"\\udfff":"r"}', "Body holds half of a surrogate pair"),
        ('{"amount":' + "[" * 8000 + "]" * 8000 + "}", "Body is nested more than 8 levels deep"),
        ('{"amount":' + "[" * 8 + "]" * 8 + "}", "Body is nested more than 8 levels deep"),
        ('{"amount":' + "[" * 7 + "]" * 7 + "}", "Amount must be a number"),
        ('{"amount":1,"referenceId":"r","description":{"a":"{{{{{{{{{["}}', "description must be a string"),
        ('{"amount":' + '{"a":' * 2500 + "1" + "}" * 2500 + "}", "Body is nested more than 8 levels deep"),
    ],
)
def test_a_hostile_body_is_refused(api: Api, body: str | bytes, error: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/credit", body)
        assert reply.status == 400
        assert reply.body["error"].startswith(error)


@pytest.mark.parametrize("body", ["", "{}", "  {}  "])
def test_an_empty_body_lacks_everything(api: Api, body: str) -> None:
    assert api.post("/wallets", body).answer == (400, {"error": "userId is required"})


def test_white_space_around_the_object_is_json(api: Api) -> None:
    wallet = new_wallet()
    assert api.post(f"/wallets/{wallet.pk}/credit", f"\r\n\t {GOOD} \n").status == 200


def test_a_whole_surrogate_pair_is_a_character(api: Api) -> None:
    body = {"userId": 1, "user_email": "a@b.cd", "user_phone": "1"}
    reply = api.post("/users", str(body).replace("'", '"')[:-1] + ',"user_name":"\\ud83e\\udd8a"}')
    assert (reply.status, reply.body["user"]["user_name"]) == (201, "🦊")


def test_a_body_of_16_kilobytes_is_read_and_one_byte_more_is_not(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    fits = GOOD + " " * (16 * 1024 - len(GOOD))
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/credit", fits + " ")
        assert reply.answer == (413, {"error": "Body must be at most 16384 bytes"})
    assert api.post(f"/wallets/{wallet.pk}/credit", fits).status == 200


def test_a_body_of_ten_megabytes_is_too_large(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    with nothing_moved():
        assert api.post(f"/wallets/{wallet.pk}/credit", " " * 10_000_000).status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "",
        "json",
        "*/*",
        "application/*",
    ],
)
def test_another_content_type_is_refused(api: Api, content_type: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/credit", GOOD, content_type)
        assert reply.answer == (415, {"error": "Content-Type must be application/json, in UTF-8"})


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_json_in_utf_8_is_taken(api: Api, content_type: str) -> None:
    wallet = new_wallet()
    assert api.post(f"/wallets/{wallet.pk}/credit", GOOD, content_type).status == 200


def test_the_message_repeats_no_more_than_50_characters_of_a_key(api: Api) -> None:
    reply = api.post("/wallets", {"x" * 5000: 1})
    assert reply.answer == (400, {"error": "Unknown field: " + "x" * 50})
