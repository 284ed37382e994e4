"""Processes that a test starts: their environment, which holds nothing of the developer's own."""

import os

from django.db import connection

SECRET = "only-for-this-test-and-as-long-as-a-secret-has-to-be-0123456789"


def suite_url(*, name: str | None = None) -> str:
    """The suite's own database as DATABASE_URL takes it, or another one beside it on the same server."""
    here = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name or here['NAME']}"
    return f"mysql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT']}/{name or here['NAME']}"


def environment(url: str, **more: str) -> dict[str, str]:
    """What a process of the service needs, on the database that `url` names."""
    return {
        "ENV_FILE": "/dev/null",
        "DJANGO_SECRET_KEY": SECRET,
        "DATABASE_URL": url,
        "PATH": os.environ["PATH"],
    } | more
