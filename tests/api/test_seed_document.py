"""The seed document's five calls, in its recommended order: each reply is the documented one, to the last character."""

import re

import pytest

from tests.conftest import Api

pytestmark = pytest.mark.django_db

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_the_five_calls_get_the_documented_replies(api: Api) -> None:
    created = api.post(
        "/users",
        '{"userId": 1, "user_name": "Shefali Sethiya", "user_email": "shefali@email.com", "user_phone": "9876543210"}',
    )
    assert (created.status, created.text) == (
        201,
        '{"message":"User created successfully","user":{"userId":1,"user_name":"Shefali Sethiya",'
        '"user_email":"shefali@email.com","user_phone":"9876543210"}}',
    )
    opened = api.post("/wallets", '{"userId": 1}')
    assert (opened.status, opened.text) == (201, '{"message":"Wallet created successfully","balance":0}')

    credited = api.post("/wallets/1/credit", '{"amount": 1000, "referenceId": "credit-ref-001"}')
    assert (credited.status, credited.text) == (200, '{"message":"Wallet credited successfully","balance":1000}')

    debited = api.post("/wallets/1/debit", '{"amount": 300, "referenceId": "debit-ref-001"}')
    assert (debited.status, debited.text) == (200, '{"message":"Wallet debited successfully","balance":700}')

    short = api.post("/wallets/1/debit", '{"amount": 701, "referenceId": "debit-ref-002"}')
    assert (short.status, short.text) == (400, '{"error":"Insufficient balance"}')

    details = api.get("/wallets/1")
    assert details.status == 200
    assert re.fullmatch(
        r'\{"userId":"1","balance":700,"transactions":\['
        rf'\{{"transaction_id":"{UUID}","type":"DEBIT","amount":701,"status":"FAILED",'
        rf'"reference_id":"debit-ref-002","failure_reason":"Insufficient balance","created_at":"{TIME}"\}},'
        rf'\{{"transaction_id":"{UUID}","type":"DEBIT","amount":300,"status":"SUCCESS",'
        rf'"reference_id":"debit-ref-001","failure_reason":null,"created_at":"{TIME}"\}},'
        rf'\{{"transaction_id":"{UUID}","type":"CREDIT","amount":1000,"status":"SUCCESS",'
        rf'"reference_id":"credit-ref-001","failure_reason":null,"created_at":"{TIME}"\}}\]\}}',
        details.text,
    )
