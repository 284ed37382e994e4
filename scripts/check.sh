#!/bin/sh
# Every check that needs no test run; stops at the first that fails.
set -eu
cd "$(dirname "$0")/.."
export ENV_FILE=/dev/null DATABASE_URL=sqlite:///var/checks.sqlite3 DJANGO_SECRET_KEY=a-key-for-the-checks-only-long-enough-for-the-deploy-check-0123456789
bin=.venv/bin

step() { printf '%s\n' "check: $1"; shift; "$@"; }

step "style" $bin/ruff check --quiet .
step "format" $bin/ruff format --quiet --check .
step "types" $bin/mypy
step "layers" $bin/lint-imports --no-cache
step "migrations" $bin/python manage.py makemigrations --check --dry-run
step "production settings" $bin/python manage.py check --deploy --fail-level WARNING
step "OpenAPI document" $bin/python manage.py spectacular --fail-on-warn --validate --file /dev/null
step "requirements" $bin/python scripts/check_requirements.py
step "known vulnerabilities" $bin/python scripts/audit.py
echo "check: all is well"
