"""GET /health/live and /health/ready."""

import pytest

from tests.conftest import Api
from wallet_project import health
from wallet_project.health import HealthViewSet


def test_a_process_that_answers_is_alive_without_a_database(api: Api) -> None:
    assert api.get("/health/live").answer == (200, {"status": "ok"})


@pytest.mark.django_db
def test_a_service_with_its_database_migrated_is_ready(api: Api) -> None:
    assert api.get("/health/ready").answer == (200, {"status": "ok"})


@pytest.mark.django_db
def test_a_service_whose_migrations_are_missing_is_not_ready(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HealthViewSet, "_migrated", False)
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["wallets.0001_initial"])
    assert api.get("/health/ready").answer == (503, {"error": "Migrations are not applied: run manage.py migrate"})


@pytest.mark.django_db
def test_the_database_is_asked_each_time_and_migrations_until_seen_applied(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HealthViewSet, "_migrated", False)
    assert health.unapplied_migrations() == []
    assert api.get("/health/ready").status == 200

    def asked_again() -> list[str]:
        raise AssertionError("migrations were looked up again")

    monkeypatch.setattr(health, "unapplied_migrations", asked_again)
    assert api.get("/health/ready").status == 200


def test_probes_are_not_sent_to_https(api: Api, settings: pytest.FixtureRequest) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert api.get("/health/live").status == 200
    assert api.get("/wallets/1").status == 301
