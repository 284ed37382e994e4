"""A flood of requests is refused, and does not become a flood of log lines."""

import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from wallet_project.refusals import QUIET_SECONDS, REFUSAL, TOO_MANY, OneLineASecond

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands still."""
    moment = [1000.0]
    monkeypatch.setattr("wallet_project.refusals.monotonic", lambda: moment[0])
    return moment


def a_record(**environ: object) -> logging.LogRecord:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "%s: %s", ("Refused", "/transfers"), None)
    record.request = RequestFactory().post("/transfers", **environ)  # type: ignore[arg-type]
    return record


def test_of_requests_that_are_too_many_there_is_a_line_a_second_that_says_how_many(now: list[float]) -> None:
    lines = OneLineASecond()
    flood = [a_record(**{REFUSAL: TOO_MANY}) for _ in range(50)]
    assert [record for record in flood if lines.filter(record)] == flood[:1]
    assert flood[0].getMessage() == "Refused: /transfers"
    now[0] += QUIET_SECONDS
    last = a_record(**{REFUSAL: TOO_MANY})
    assert lines.filter(last)
    assert last.getMessage() == "Refused: /transfers (and 49 before it)"


def test_every_other_line_is_let_through_as_it_is(now: list[float]) -> None:
    lines = OneLineASecond()
    others = [a_record(), a_record(**{REFUSAL: 413}), logging.makeLogRecord({"msg": "no request"})]
    for record in others * 2:
        before = record.getMessage()
        assert lines.filter(record)
        assert record.getMessage() == before


@pytest.fixture
def as_configured() -> Iterator[None]:
    """The filters of django.request that the settings name; the tests' own logging has none."""
    logger, configured = logging.getLogger("django.request"), cast("Any", settings.LOGGING)
    names = configured["loggers"][logger.name]["filters"]
    filters = [import_string(configured["filters"][name]["()"])() for name in names]
    for each in filters:
        logger.addFilter(each)
    yield
    for each in filters:
        logger.removeFilter(each)


@pytest.mark.usefixtures("as_configured")
def test_the_service_logs_so(now: list[float], caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        assert Client().post("/transfers", **{REFUSAL: TOO_MANY}).status_code == 503  # type: ignore[arg-type]
    said = [record.getMessage() for record in caplog.records if record.name == "django.request"]
    assert said == ["Service Unavailable: /transfers"]
