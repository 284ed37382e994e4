"""The project's settings for tests: the developer's own .env plays no part, and the database is a test's."""

import os

os.environ["ENV_FILE"] = "/dev/null"
os.environ["DJANGO_DEBUG"] = "true"
os.environ["DJANGO_SECRET_KEY"] = "a-key-for-tests"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite:///var/tests.sqlite3"

from wallet_project.settings import *  # noqa: F403
from wallet_project.settings import BASE_DIR, DATABASES

(BASE_DIR / "var").mkdir(exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite"):
    # A file, as in real life: an in-memory database is shared between threads in another way.
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / "tests.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING_CONFIG = None
WALLET_APPROVAL_LIMIT = None  # tests about it set their own
