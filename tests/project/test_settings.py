"""Settings come from the environment, and a value that makes no sense stops the start with one clear sentence."""

import os
import runpy
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as active
from django.core.exceptions import ImproperlyConfigured

from tests.children import SECRET

SETTINGS = str(active.BASE_DIR / "wallet_project" / "settings.py")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the settings afresh, from this environment and no other."""

    def read(**environment: str) -> dict[str, Any]:
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in ({"ENV_FILE": "/dev/null", "DJANGO_SECRET_KEY": SECRET} | environment).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(SETTINGS)

    return read


def test_the_defaults_are_the_seeds_port_and_a_file(load: Any) -> None:
    settings = load()
    assert (settings["HOST"], settings["PORT"], settings["DEBUG"]) == ("127.0.0.1", 3000, False)
    assert settings["DATABASES"]["default"]["NAME"].endswith("/var/wallet.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_production_is_https_only_unless_told_otherwise(load: Any) -> None:
    assert load()["SECURE_SSL_REDIRECT"]
    assert load()["SESSION_COOKIE_SECURE"]
    assert not load(DJANGO_HTTPS="false")["SECURE_SSL_REDIRECT"]
    assert not load(DJANGO_DEBUG="true")["SECURE_SSL_REDIRECT"]


def test_a_mysql_url_is_read_committed_strict_and_impatient_with_locks(load: Any) -> None:
    url = "mysql://user:p%40ss@db.example:3307/wallet"
    database = load(DATABASE_URL=url, DATABASE_READ_TIMEOUT="10")["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 3307, "wallet")
    assert (database["USER"], database["PASSWORD"]) == ("user", "p@ss")
    options = database["OPTIONS"]
    assert options["isolation_level"] == "read committed"
    assert options["charset"] == "utf8mb4"
    assert "innodb_lock_wait_timeout=3" in options["init_command"]
    assert "STRICT_ALL_TABLES" in options["init_command"]
    assert options["read_timeout"] == 10


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DJANGO_SECRET_KEY", "", "DJANGO_SECRET_KEY is not set. Set it in the environment or in .env"),
        ("DJANGO_DEBUG", "maybe", "DJANGO_DEBUG must be true or false, not 'maybe'."),
        ("HOST", "wallet.example", "HOST must be an address such as 127.0.0.1 or 0.0.0.0, not 'wallet.example'."),
        ("HOST", "127.1", "HOST must be an address such as 127.0.0.1 or 0.0.0.0, not '127.1'."),
        ("PORT", "abc", "PORT must be a whole number from 1 to 65535, not 'abc'."),
        ("PORT", "0", "PORT must be a whole number from 1 to 65535, not '0'."),
        ("PORT", "70000", "PORT must be a whole number from 1 to 65535, not '70000'."),
        ("PORT", "-1", "PORT must be a whole number from 1 to 65535, not '-1'."),
        ("PORT", "３０００", "PORT must be a whole number from 1 to 65535, not '３０００'."),
        ("WORKERS", "0", "WORKERS must be a whole number from 1 to 64, not '0'."),
        ("THREADS", "many", "THREADS must be a whole number from 1 to 256, not 'many'."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG, ERROR, INFO, WARNING, not 'LOUD'."),
        ("WALLET_CURRENCY", "RUPEES", "WALLET_CURRENCY must be an ISO 4217 code such as INR, not 'RUPEES'."),
        ("WALLET_CURRENCY", "inr", "WALLET_CURRENCY must be an ISO 4217 code such as INR, not 'inr'."),
        ("WALLET_DAILY_LIMIT", "much", "WALLET_DAILY_LIMIT must be an amount such as 50000 or 99.50, not 'much'."),
        ("WALLET_AMOUNT_LIMIT", "0", "WALLET_AMOUNT_LIMIT must be an amount such as 50000 or 99.50, not '0'."),
        ("WALLET_CURRENCY", "XAU", "WALLET_CURRENCY must be an ISO 4217 code such as INR, not 'XAU'."),
        ("DATABASE_URL", "postgres://u:p@h/d", "DATABASE_URL must begin with sqlite:/// or mysql://"),
        ("DATABASE_URL", "wallet.sqlite3", "DATABASE_URL must begin with sqlite:/// or mysql://"),
        ("DATABASE_URL", "sqlite://:memory:", "DATABASE_URL must name a file"),
        ("DATABASE_URL", "sqlite:///", "DATABASE_URL must name a file"),
        ("DATABASE_URL", "mysql://host", "DATABASE_URL must be mysql://USER:PASSWORD@HOST:PORT/DATABASE."),
        ("DATABASE_URL", "mysql://", "DATABASE_URL must be mysql://USER:PASSWORD@HOST:PORT/DATABASE."),
        ("DATABASE_URL", "mysql://u:p@h:port/d", "DATABASE_URL must be mysql://USER:PASSWORD@HOST:PORT/DATABASE."),
        ("TRUSTED_PROXIES", "10.0.0.0/40", "TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8"),
        ("LIMITS_URL", "memcached://h", "LIMITS_URL must be file:///PATH or redis://HOST:PORT/0."),
        ("REQUESTS_PER_MINUTE", "0", "REQUESTS_PER_MINUTE must be a whole number from 1 to 10000000"),
        ("DJANGO_HTTPS", "2", "DJANGO_HTTPS must be true or false, not '2'."),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_a_sentence(
    load: Any, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        load(**{name: value})
    assert str(refused.value).startswith(sentence)


def test_without_the_driver_a_mysql_url_says_exactly_what_to_install(
    load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "MySQLdb", None)
    with pytest.raises(ImproperlyConfigured) as refused:
        load(DATABASE_URL="mysql://u:p@h/d")
    assert "apt-get install build-essential python3-dev pkg-config default-libmysqlclient-dev" in str(refused.value)
    assert ".venv/bin/pip install -r requirements-run.txt" in str(refused.value)


def test_the_environment_wins_over_the_env_file(load: Any, tmp_path: Any) -> None:
    (tmp_path / "env").write_text("PORT=4000\nLOG_LEVEL=ERROR\n")
    settings = load(ENV_FILE=str(tmp_path / "env"), PORT="5000")
    assert (settings["PORT"], settings["LOG_LEVEL"]) == (5000, "ERROR")


@pytest.mark.parametrize("command", ["check", "serve", "migrate"])
def test_a_command_ends_with_the_sentence_and_no_traceback(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        env={"ENV_FILE": "/dev/null", "DJANGO_SECRET_KEY": SECRET, "PORT": "abc"},
        cwd=active.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "manage.py: PORT must be a whole number from 1 to 65535, not 'abc'.\n"


def test_every_variable_is_in_the_example_file() -> None:
    import re

    source = (active.BASE_DIR / "wallet_project" / "settings.py").read_text()
    names = set(re.findall(r'\b(?:text|switch|number|names|networks|one_of|money|address)\("([A-Z_]+)"', source))
    example = (active.BASE_DIR / ".env.example").read_text()
    documented = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert names == documented


def test_the_api_is_open_on_a_developers_own_machine_only(load: Any) -> None:
    assert load(DJANGO_DEBUG="true")["API_OPEN"]
    assert load(DJANGO_DEBUG="true", HOST="localhost")["API_OPEN"]
    assert not load(DJANGO_DEBUG="true", API_OPEN="false")["API_OPEN"]
    assert not load()["API_OPEN"]
    assert not load(DJANGO_DEBUG="true", HOST="192.0.2.7", ACCEPTED_RISKS="debug")["API_OPEN"]


@pytest.mark.parametrize(
    ("risk", "environment"),
    [
        ("open-api", {"API_OPEN": "true"}),
        ("open-api", {"API_OPEN": "true", "DJANGO_DEBUG": "true", "HOST": "192.0.2.7", "ACCEPTED_RISKS": "debug"}),
        ("debug", {"DJANGO_DEBUG": "true", "HOST": "192.0.2.7"}),
        ("debug", {"DJANGO_DEBUG": "true", "HOST": "::"}),
        ("debug", {"DJANGO_DEBUG": "true", "TRUSTED_PROXIES": "127.0.0.1"}),
        ("any-host", {"DJANGO_DEBUG": "true", "DJANGO_ALLOWED_HOSTS": "*"}),
        ("debug", {"DJANGO_DEBUG": "true", "HOST": "10.0.0.1"}),
        ("any-host", {"DJANGO_ALLOWED_HOSTS": "wallet.example,*"}),
        ("weak-secret", {"DJANGO_SECRET_KEY": "changeme"}),
        ("any-host", {"DJANGO_ALLOWED_HOSTS": ".com"}),
        ("any-host", {"DJANGO_ALLOWED_HOSTS": "."}),
        ("any-proxy", {"TRUSTED_PROXIES": "0.0.0.0/0"}),
        ("any-proxy", {"TRUSTED_PROXIES": "10.0.0.0/8,::/0"}),
        ("weak-secret", {"DJANGO_SECRET_KEY": "x" * 60}),
        ("weak-secret", {"DJANGO_SECRET_KEY": "changeme" * 7}),
        ("weak-secret", {"DJANGO_SECRET_KEY": "0123456789ab" * 5 + "0123"}),
        ("weak-secret", {"DJANGO_SECRET_KEY": "django-insecure-" + SECRET}),
    ],
)
def test_a_risk_is_not_run_unless_it_is_accepted_in_as_many_words(
    load: Any, risk: str, environment: dict[str, str]
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"ACCEPTED_RISKS={risk}"):
        load(**environment)
    accepted = ",".join(filter(None, (environment.get("ACCEPTED_RISKS"), risk)))
    load(**environment | {"ACCEPTED_RISKS": accepted})


def test_an_unknown_risk_is_not_accepted(load: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"ACCEPTED_RISKS knows open-api, .*, not all"):
        load(ACCEPTED_RISKS="all")


def test_cookies_of_production_are_of_this_host_and_https_alone(load: Any) -> None:
    settings = load()
    assert (settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    assert settings["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert "SECURE_PROXY_SSL_HEADER" not in settings
    assert load(TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7")["SECURE_PROXY_SSL_HEADER"][0] == "HTTP_X_FORWARDED_PROTO"
