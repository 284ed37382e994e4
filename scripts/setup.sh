#!/bin/sh
# Makes .venv ready: `setup.sh run` for the service alone, `setup.sh test` for the tests and checks too.
# Installs what is missing where it may (root, or sudo without a password), and says plainly what to do where not.
# Does nothing when it has all been done before.
set -eu
cd "$(dirname "$0")/.."
purpose=$1

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

# install WHY PACKAGE …
install() {
    why=$1; shift
    may_install || fail "$why. Install it, then run this again: apt-get install $*"
    say "setup: installing $* ($why) …"
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$python"; then command -v "$python"; return; fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || { install "Python 3.11 or later is missing" python3 python3-venv && python=$(find_python); } ||
        fail "this system's python3 is older than 3.11. Install a newer one and name it: PYTHON=/path/to/python3.x make …"
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    install "Python's venv module is missing" "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    rm -rf .venv
    "$python" -m venv .venv
}

setting() { # setting NAME: from the environment, or else from .env
    eval "value=\${$1:-}"
    [ -n "$value" ] || [ ! -f .env ] || value=$(sed -n "s/^$1=//p" .env | tail -n 1 | tr -d "\"'")
    printf '%s' "$value"
}

wants_mysql() {
    [ "$purpose" = test ] || case $(setting DATABASE_URL) in mysql:*) true ;; *) false ;; esac
}

# mysqlclient is built from source, with a compiler and MySQL's headers; a service on SQLite does without all that.
without_mysqlclient() { awk '/^[a-z]/ { keep = !/^mysqlclient==/ } /^#/ { keep = 1 } keep' "$1"; }

pip_install() { .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check "$@"; }

install_packages() {
    say "setup: installing Python packages into .venv …"
    list=$(mktemp)
    without_mysqlclient "$requirements" >"$list"
    pip_install -r "$list" || fail "pip could not install the packages of $requirements; its message is above"
    rm -f "$list"
    wants_mysql || return 0
    if pip_install -r "$requirements" 2>/dev/null; then return; fi
    install "MySQL's driver is built from source" build-essential python3-dev pkg-config default-libmysqlclient-dev
    pip_install -r "$requirements" || fail "mysqlclient could not be built; pip's message is above"
}

write_env() {
    [ "$purpose" = run ] && [ ! -f .env ] && [ -z "${DJANGO_SECRET_KEY:-}" ] || return 0
    key=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))')
    (umask 077; sed "s/^DJANGO_SECRET_KEY=.*/DJANGO_SECRET_KEY=$key/" .env.example >.env)
    say "setup: wrote .env, for development on this machine, with a secret key of its own"
}

requirements=requirements-run.txt
[ "$purpose" = run ] || requirements=requirements.txt
driver=no; if wants_mysql; then driver=yes; fi

new_enough .venv/bin/python || make_venv
# What is installed now, in one line; anything else asked for is installed anew.
stamp="$driver $(cksum <"$requirements") $(cksum <requirements-run.txt)"
enough="yes $(cksum <requirements.txt) $(cksum <requirements-run.txt)"
installed=$(cat .venv/installed 2>/dev/null || true)
if [ "$installed" != "$stamp" ] && [ "$installed" != "$enough" ]; then
    rm -f .venv/installed
    install_packages
    printf '%s\n' "$stamp" >.venv/installed
fi
mkdir -p var
write_env
