"""`make mutants`: takes each guard out in turn, in a copy of the project, and shows which test goes red.

A guard that can be taken out with every test still green is not held by any test; then the exit code is 1.
An argument is a regular expression for the names of the guards to try; without it, all are tried.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.database_server import DatabaseServer, find_server, install_server

OPTIONS = ("-q", "-x", "--no-header", "-p", "no:cacheprovider", "--hypothesis-profile=any_failure")
# Without those that start a service of their own, which take their time.
SECURITY = "tests/security --ignore=tests/security/test_attacks_on_the_wire.py"
KEYS = "accounts/api_keys.py"
AUTHENTICATION = "accounts/api/authentication.py"
CARRYING = "wallets/api/carrying_out.py"
SETTINGS = "wallet_project/settings.py"
OFFICE = "wallet_project/back_office.py"
LISTS = "ledger/back_office.py"
GATEWAY = "wallet_project/gateway.py"
APPROVING = "wallets/approvals.py"
APPROVALS = "tests/wallets/test_approvals.py"
OFFICE_TESTS = "tests/back_office"
TOTALS, TOTALS_TESTS = "ledger/totals.py", "tests/ledger/test_totals.py"
DASHBOARD = "wallet_project/dashboard.py"
FINDING = "wallet_project/finding.py"
ORIGIN_TESTS = "tests/wallets/test_origin.py"
GATEWAY_TESTS = "tests/project/test_gateway.py"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Edit:
    """A piece of one file, found by a regular expression, and what stands there instead."""

    path: str
    pattern: str
    replacement: str


@dataclass(frozen=True)
class Mutant:
    """A guard taken out, and where its test is: the folders, and the engine on which it shows."""

    name: str
    edits: tuple[Edit, ...]
    tests: str
    engine: str = "mysql"


def mutant(name: str, path: str, pattern: str, replacement: str, *, tests: str, engine: str = "mysql") -> Mutant:
    """A mutant of one edit."""
    return Mutant(name, (Edit(path, pattern, replacement),), tests, engine)


def without_constraint(name: str, app: str, *, tests: str = "tests/ledger", engine: str = "mysql") -> Mutant:
    """The constraint taken out of the first migration, so that the database does not have it."""
    pattern = (
        rf"(?s:models\.(?:Check|Unique)Constraint\((?:(?!models\.(?:Check|Unique)Constraint).)*?name='{name}'\),?)"
    )
    return mutant(f"constraint {name}", f"{app}/migrations/0001_initial.py", pattern, "", tests=tests, engine=engine)


def without_added_constraint(name: str, path: str) -> Mutant:
    """The constraint that a later migration adds, not added."""
    pattern = rf"(?s:        migrations\.AddConstraint\((?:(?!migrations\.).)*?name=\"{name}\".*?\n        \),\n)"
    return mutant(f"constraint {name}", path, pattern, "", tests="tests/ledger/test_fields.py")


def proof(name: str, pattern: str) -> Mutant:
    """A check of verify_ledger taken out."""
    return mutant(f"verify: {name}", "ledger/proof.py", pattern, "if False:", tests="tests/ledger/test_verification.py")


def counterparts(name: str, pattern: str) -> Mutant:
    """A check of what rows say of each other taken out."""
    tests = "tests/ledger/test_verification.py"
    return mutant(f"verify: {name}", "ledger/counterparts.py", pattern, "yield from ()", tests=tests)


POSTING, DECISIONS, WALLETS = "wallets/posting.py", "wallets/decisions.py", "tests/wallets"
JSON, HOLDS_AND_LIMITS = "wallet_project/api/exact_json.py", "wallets/migrations/0002_holds_and_limits.py"
KILLED = "tests/faults/test_killed_servers.py"

MUTANTS = (
    mutant("lock", POSTING, r"\.select_for_update\(\)", "", tests="tests/wallets"),
    mutant(
        "order of locks",
        POSTING,
        r"filter\(pk__in=user_ids\)\.order_by\(\"pk\"\)",
        'filter(pk__in=user_ids).order_by("-pk")',
        tests="tests/wallets",
    ),
    mutant(
        "look-up after the lock",
        POSTING,
        r"(    wallets = _lock\(.*\n)(    state = )_state\(operations, wallets\)\n",
        r"    known = ledger.by_reference(operation.reference_id for operation in operations)\n"
        r"\1\2_state(operations, wallets)\n    state.known = known\n",
        tests="tests/wallets",
    ),
    mutant(
        "look-up at all",
        "wallets/decisions.py",
        r"state\.known\.get\(operation\.reference_id\)",
        "None",
        tests="tests/wallets",
    ),
    mutant("one transaction", POSTING, r"with atomic\(savepoint=may_refuse\):", "if True:", tests="tests/faults"),
    mutant(
        "one transaction, while everything is killed",
        POSTING,
        r"with atomic\(savepoint=may_refuse\):",
        "if True:",
        tests=KILLED,
    ),
    mutant(
        "look-up at all, while everything is killed",
        "wallets/decisions.py",
        r"state\.known\.get\(operation\.reference_id\)",
        "None",
        tests=KILLED,
    ),
    mutant(
        "its own identifiers for a second try, while everything is killed",
        POSTING,
        r"transaction_id != ids\[0\]",
        "transaction_id is None",
        tests=KILLED,
    ),
    mutant("a caller's atomic is doomed", POSTING, r"savepoint=may_refuse", "savepoint=True", tests="tests/faults"),
    mutant("retry", POSTING, r"return retried\(once,.*", "return once()", tests="tests/faults"),
    mutant(
        "no retry inside a caller's atomic",
        POSTING,
        r"if connection\.in_atomic_block:",
        "if False:",
        tests="tests/faults",
    ),
    mutant(
        "its own commit is known again",
        POSTING,
        r"transaction_id != ids\[0\]",
        "transaction_id is not None",
        tests="tests/faults",
    ),
    mutant("a lost connection is closed", "ledger/retrying.py", r"connection\.close\(\)", "pass", tests="tests/faults"),
    mutant(
        "a trigger's refusal is not retried",
        "ledger/database_errors.py",
        r"_code\(error\) in _CONTENDED",
        "True",
        tests="tests/faults",
    ),
    mutant(
        "payload of a replay",
        "wallets/decisions.py",
        r"return Replay\(known\) if _is_same\(operation, known\) else.*",
        "return Replay(known)",
        tests="tests/api",
    ),
    mutant(
        "terms of a replay",
        DECISIONS,
        r"\(operation\.terms, concerns\) == \(known\.terms",
        "(concerns, concerns) == (concerns",
        tests="tests/wallets/test_decisions.py",
    ),
    mutant(
        "metadata compared byte by byte",
        "wallets/history.py",
        r"ExactText\((KeyText[^)]*\))\)",
        r"\1",
        tests="tests/api/test_transactions.py",
    ),
    mutant(
        "limits of a closed wallet",
        "wallets/corrections.py",
        r"(locked\(user_id\)\n            if )wallet\.status == WalletStatus\.CLOSED",
        r"\1False",
        tests="tests/api/test_oversight.py",
    ),
    mutant("funds", DECISIONS, r"if amount > wallet\.available", "if False", tests="tests/wallets"),
    mutant(
        "largest balance",
        "wallets/decisions.py",
        r"if amount > \(MAX_MONEY if most is None else most\) - wallet\.balance",
        "if False",
        tests="tests/wallets",
    ),
    mutant("byte-exact text", "ledger/fields.py", r'return "utf8mb4_nopad_bin".*', "return None", tests="tests/ledger"),
    mutant(
        "exact money on SQLite",
        "ledger/fields.py",
        r'return "MoneyField"',
        'return "DecimalField"',
        tests="tests/ledger",
        engine="sqlite",
    ),
    mutant("no float is money", "ledger/money.py", r"\(int, Decimal\)", "(int, float, Decimal)", tests="tests/ledger"),
    mutant("no bool is money", "ledger/money.py", r" and not isinstance\(value, bool\)", "", tests="tests/api"),
    mutant(
        "only ASCII digits", "ledger/money.py", r'"\[0-9\]\+\(.*, re\.ASCII', r'"\\d+(\\.\\d+)?"', tests="tests/api"
    ),
    mutant(
        "a reference is not trimmed",
        "ledger/references.py",
        r"match\(value\)",
        "match(value.strip())",
        tests="tests/api",
    ),
    mutant("no duplicate keys", JSON, r"object_pairs_hook=_unique_keys", "object_pairs_hook=dict", tests="tests/api"),
    mutant("no floats in JSON", JSON, r"parse_float=_decimal", "parse_float=float", tests="tests/api"),
    mutant("no NaN in JSON", JSON, r", parse_constant=_no_constant", "", tests="tests/api"),
    mutant("no deep JSON", JSON, r"except RecursionError", "except KeyError", tests="tests/api"),
    mutant("no half characters", JSON, r"if _SURROGATE_ESCAPE.*", "if False:", tests="tests/api"),
    mutant("a body's size", JSON, r"if len\(body\) > limit:", "if False:", tests="tests/api"),
    mutant("a number's length", JSON, r"if len\(digits\) > .*", "if False:", tests="tests/api"),
    mutant("content type", JSON, r"if p\.media_type == .*\), None", "), None", tests="tests/api"),
    mutant(
        "no unknown fields", "accounts/api/fields.py", r"        if unknown:", "        if False:", tests="tests/api"
    ),
    mutant(
        "balance and list of one moment",
        "wallets/api/newest.py",
        r"head, written = details\.head, ",
        "written = ",
        tests="tests/api",
    ),
    mutant(
        "what is remembered has an end",
        "wallets/api/newest.py",
        r"if len\(_written\) > MOST:",
        "if False:",
        tests="tests/api/test_wallet_details.py",
        engine="sqlite",
    ),
    mutant(
        "what is asked for stays",
        "wallets/api/newest.py",
        r"_written\.move_to_end\(head_hash\)",
        "pass",
        tests="tests/api/test_wallet_details.py",
        engine="sqlite",
    ),
    mutant(
        "what is held is stored where a hold was placed",
        "wallets/posting.py",
        r"bool\(draft\.placed or draft\.changed\)",
        "bool(draft.changed)",
        tests="tests/wallets/test_holds.py",
    ),
    mutant(
        "what is held is stored where a hold was changed",
        "wallets/posting.py",
        r"bool\(draft\.placed or draft\.changed\)",
        "bool(draft.placed)",
        tests="tests/wallets/test_holds.py",
    ),
    mutant(
        "newest of a long history",
        "wallets/selectors.py",
        r"sequence__gt=values\[at \+ 1\]",
        "sequence__gt=0",
        tests="tests/wallets/test_query_plans.py",
    ),
    mutant(
        "newest by sequence",
        "wallets/selectors.py",
        r'itemgetter\("sequence"\)',
        'itemgetter("created_at")',
        tests="tests/api",
    ),
    *(
        mutant(name, "wallets/selectors.py", pattern, replacement, tests="tests/api/test_wallet_details.py")
        for name, pattern, replacement in (
            ("what moved meanwhile has its balance", r'if rows and rows\[0\]\["hash"\] != .*:', "if False:"),
            ("a hold is no transaction that is shown", r' if row\["status"\] != Status\.HELD\]', "]"),
            ("ten are shown beyond the holds", r"if len\(shown\) < NEWEST and after > 0:", "if False:"),
            ("older ones by sequence", r'\.order_by\("-sequence"\)', '.order_by("sequence")'),
        )
    ),
    mutant(
        "nothing of a fault is told",
        "wallet_project/api/errors.py",
        r', "Internal server error"\)',
        ")",
        tests="tests/api",
    ),
    mutant(
        "a worker stops once",
        "wallet_project/server.py",
        r"signal\.pthread_sigmask\(.*\)",
        "pass",
        tests="tests/project -k in_flight",
    ),
    mutant(
        "SQLite's write lock is taken at the beginning",
        "wallet_project/settings.py",
        r'"transaction_mode": "IMMEDIATE",',
        "",
        tests="tests/project tests/concurrency",
        engine="sqlite",
    ),
    Mutant(
        "append-only triggers",
        tuple(
            Edit(f"ledger/migrations/{name}.py", r"    create_triggers\(schema_editor\.connection\)", "    pass")
            for name in ("0003_append_only", "0005_transfers_holds_reversals", "0006_terms", "0007_origin_and_days")
        ),
        tests="tests/ledger/test_append_only.py",
    ),
    mutant(
        "append-only QuerySet",
        "ledger/append_only.py",
        r"update = delete = .* = _refuse",
        "pass",
        tests="tests/ledger/test_append_only.py",
    ),
    mutant(
        "no insert over a row",
        "ledger/append_only.py",
        r'if kwargs\.get\("update_conflicts"\).*',
        "if False:",
        tests="tests/ledger/test_append_only.py",
    ),
    mutant(
        "append-only row",
        "ledger/models.py",
        r"if not self\._state\.adding:",
        "if False:",
        tests="tests/ledger/test_append_only.py",
    ),
    mutant(
        "known accounts", "wallets/services.py", r"require_account\(operation\.account\)", "pass", tests="tests/wallets"
    ),
    mutant("frozen for credits", DECISIONS, r"if wallet\.status == WalletStatus\.FROZEN:", "if False:", tests=WALLETS),
    mutant("frozen for debits", DECISIONS, r"if wallet\.status in \{.*:", "if False:", tests=WALLETS),
    mutant("closed wallets", DECISIONS, r"wallet\.status == WalletStatus\.CLOSED", "False", tests=WALLETS),
    mutant("a hold that is closed", DECISIONS, r"return closed or \(", "return (", tests=WALLETS),
    mutant(
        "no more captured than held",
        DECISIONS,
        r"EXCEEDS_HOLD if left .* else None",
        "EXCEEDS_HOLD if False else None",
        tests=WALLETS,
    ),
    mutant(
        "no more reversed than there was",
        DECISIONS,
        r"EXCEEDS_ORIGINAL if left .* else None",
        "EXCEEDS_ORIGINAL if False else None",
        tests=WALLETS,
    ),
    mutant(
        "what was reversed is remembered in a batch",
        "wallets/drafts.py",
        r"state\.reversed\[operation\.concerns\] = .*",
        "pass",
        tests=WALLETS,
    ),
    mutant("what was reversed is looked up", POSTING, r"state\.reversed = .*", "pass", tests=WALLETS),
    mutant("expiry takes effect at the moment", POSTING, r"state\.expired = expire\(.*", "pass", tests=WALLETS),
    mutant(
        "an expired hold is written down", "wallets/drafts.py", r"self\.note_expired\(wallet\)", "pass", tests=WALLETS
    ),
    mutant(
        "a capture takes from what is held",
        "wallets/drafts.py",
        r"wallet\.held -= holding\.capture\((.*)\)",
        r"holding.capture(\1)",
        tests=WALLETS,
    ),
    mutant("a final capture lets the rest go", "wallets/holding.py", r"if final or ", "if ", tests=WALLETS),
    mutant(
        "the other side of a transfer",
        "wallets/drafts.py",
        r"if operation\.counterparty is not None and .*",
        "if False:",
        tests=WALLETS,
    ),
    mutant(
        "the receiver may take it", DECISIONS, r"return None if other is wallet else .*", "return None", tests=WALLETS
    ),
    mutant("one currency", DECISIONS, r"if other\.currency != wallet\.currency:", "if False:", tests=WALLETS),
    mutant(
        "single amounts are limited", DECISIONS, r"if limits\.amount is not None and .*", "if False:", tests=WALLETS
    ),
    mutant(
        "a day's spending is limited", DECISIONS, r"if limits\.daily is not None and .*", "if False:", tests=WALLETS
    ),
    mutant(
        "a month's spending is limited", DECISIONS, r"if limits\.monthly is not None and .*", "if False:", tests=WALLETS
    ),
    mutant("what is held counts as spent", DECISIONS, r"spent\.day \+ wallet\.held", "spent.day", tests=WALLETS),
    mutant("what was spent is looked up", POSTING, r"state\.spent\[wallet\.pk\] = .*", "pass", tests="tests/api"),
    mutant(
        "only an empty wallet is closed",
        "wallets/corrections.py",
        r"\(wallet\.balance or wallet\.held\)",
        "False",
        tests="tests/api",
    ),
    mutant(
        "limits the wallet is beyond",
        "wallets/corrections.py",
        r"    _require_within\(wallet\)\n",
        "    pass\n",
        tests="tests/api",
    ),
    mutant(
        "all of a batch or none",
        "wallets/batches.py",
        r"raise BatchRefused\(index, TransactionFailed.*",
        "pass",
        tests="tests/api",
    ),
    counterparts("other side", r"yield from _missing_sides\(\)"),
    counterparts("reversals", r"yield from _excessive_reversals\(\)"),
    counterparts("holds and their rows", r"yield from _holds_against_rows\(\)"),
    counterparts("held and holds", r"yield from _held_against_holds\(\)"),
    proof("held after", r"if not self\._explains_held\(row\):"),
    mutant("no half body", JSON, r"if len\(body\) < .*", "if False:", tests="tests/project -k cut_bodies"),
    mutant(
        "no body in chunks",
        "wallet_project/settings.py",
        r".*middleware\.whole_bodies.*\n",
        "",
        tests="tests/project -k cut_bodies",
    ),
    mutant(
        "readable headers",
        "wallet_project/wsgi.py",
        r"if not _can_be_read.*",
        "if False:",
        tests="tests/project -k cut_bodies",
    ),
    mutant(
        "set-up one at a time",
        "wallet_project/management/commands/serve.py",
        r"with alone\(connection\):",
        "if True:",
        tests="tests/project -k set_up_the_same",
        engine="sqlite",
    ),
    proof("sequence", r"if row\.sequence != self\.sequence \+ 1:"),
    proof("balance after", r"if row\.balance_after != self\.balance:"),
    proof("hash", r"if \(computed := .*\) != row\.hash:"),
    proof("anchors", r"if \(anchor := .*\) != row\.hash:"),
    proof("anchors beyond the end", r"if sequence > self\.sequence:"),
    proof("the wallet's own row", r"if expected != found:"),
    proof("money of a frozen wallet", r"if shut\.since < row\.sequence.*"),
    proof("known accounts", r"if self\.accounts is not None.*"),
    mutant(
        "verify: rows without a wallet",
        "ledger/verification.py",
        r"strangers\.add\(row\.user_id\)",
        "pass",
        tests="tests/ledger/test_verification.py",
    ),
    mutant(
        "totals beyond 64 bits",
        "ledger/fields.py",
        r"def as_sqlite",
        "def as_nothing",
        tests="tests/ledger/test_fields.py",
        engine="sqlite",
    ),
    mutant(
        "verify: rows that nobody posted",
        "ledger/verification.py",
        r"report\.add\(_rows_nobody_posted.*",
        "pass",
        tests="tests/ledger/test_verification.py",
    ),
    mutant(
        "production refuses what would lose money",
        "wallet_project/management/commands/serve.py",
        r"if not settings\.DEBUG and .*",
        "if False:",
        tests="tests/project/test_checks.py",
    ),
    without_constraint("transactions_wallet_sequence", "ledger"),
    without_constraint("transactions_reference_leg", "ledger"),
    without_constraint("transactions_amount_positive", "ledger"),
    without_constraint("transactions_sequence_positive", "ledger"),
    without_constraint("transactions_type_known", "ledger"),
    without_constraint("transactions_leg_known", "ledger"),
    without_constraint("wallets_never_below_limit", "wallets"),
    without_constraint("wallets_held_not_negative", "wallets"),
    without_constraint("wallets_overdraft_not_negative", "wallets"),
    without_constraint("wallets_balance_in_range", "wallets", engine="sqlite"),
    without_constraint("wallets_sequence_not_negative", "wallets"),
    without_constraint("users_user_id_positive", "accounts"),
    without_added_constraint("transactions_status_and_reason", "ledger/migrations/0005_transfers_holds_reversals.py"),
    *(
        mutant(name, path, pattern, replacement, tests=tests, engine="sqlite")
        for name, path, pattern, replacement, tests in (
            (
                "secret of a key",
                KEYS,
                r"if not hmac\.compare_digest\(.*\) or key is None:",
                "if key is None:",
                SECURITY,
            ),
            ("constant time", KEYS, r"hmac\.compare_digest\((.*), (key.*)\) or", r"(\1 == (\2)) or", SECURITY),
            ("revocation", KEYS, r"if key\.revoked_at is not None:", "if False:", SECURITY),
            ("revocation elsewhere", KEYS, r"^TRUSTED_SECONDS = 0\.5", "TRUSTED_SECONDS = 60", SECURITY),
            ("expiry of a key", KEYS, r"if caller\.expires_at is not None and", "if False and", SECURITY),
            ("bounded trust", KEYS, r"if len\(_trusted\) >= _MOST_TRUSTED:", "if False:", SECURITY),
            ("closed API", AUTHENTICATION, r"if settings\.API_OPEN else None", "", SECURITY),
            ("scope", AUTHENTICATION, r"if scope is None or scope not in .*:", "if False:", SECURITY),
            (
                "a view without a scope",
                AUTHENTICATION,
                r"if scope is None or scope",
                "if scope is not None and scope",
                SECURITY,
            ),
            (
                "portion of a minute that is over",
                "accounts/portions.py",
                r" or portion\.until <= time\.time\(\)",
                "",
                SECURITY,
            ),
            ("portion used up", "accounts/portions.py", r"portion\.left -= 1", "pass", SECURITY),
            ("share of a minute", AUTHENTICATION, r"limiter\.count_request\(.*\)", "pass", SECURITY),
            (
                "closed by default",
                SETTINGS,
                r'(?s)"DEFAULT_PERMISSION_CLASSES": \[.*?\]',
                '"DEFAULT_PERMISSION_CLASSES": []',
                SECURITY,
            ),
            ("account of a key", "accounts/callers.py", r"if self\.accounts and", "if False and", SECURITY),
            ("account of a key in use", CARRYING, r"caller\.require_account\(operation\.account\)", "pass", SECURITY),
            ("largest amount of a key", DECISIONS, r"if operation\.at_most is not None and", "if False and", SECURITY),
            ("largest amount in use", CARRYING, r", at_most=caller\.largest_amount", "", SECURITY),
            ("the client on a transaction", CARRYING, r"actor=caller\.actor, ", "", SECURITY),
            (
                "another client's reference",
                DECISIONS,
                r"if operation\.actor\.startswith\(CLIENT\) and",
                "if False and",
                SECURITY,
            ),
            ("failures per minute", CARRYING, r"limiter\.require_room_for_failures\(caller\)", "pass", SECURITY),
            (
                "failures of a batch",
                "wallets/api/batches.py",
                r"limiter\.require_room_for_failures\(caller\)",
                "pass",
                SECURITY,
            ),
            ("failures counted", CARRYING, r"limiter\.count_failures\(caller, 0 if .*\)", "pass", SECURITY),
            (
                "counters that fail",
                "accounts/limiter.py",
                r"except StorageError as error:",
                "except ZeroDivisionError as error:",
                SECURITY,
            ),
            (
                "depth of JSON",
                "wallet_project/api/exact_json.py",
                r"> MAX_DEPTH:",
                "> 10**9:",
                "tests/api/test_json_bodies.py",
            ),
            (
                "time for a body",
                GATEWAY,
                r"asyncio\.timeout\(BODY_SECONDS\)",
                "asyncio.timeout(None)",
                GATEWAY_TESTS,
            ),
            (
                "time for a reply",
                GATEWAY,
                r"asyncio\.wait_for\(transport\.send_bytes\(piece\), SEND_SECONDS\)",
                "transport.send_bytes(piece)",
                GATEWAY_TESTS,
            ),
            ("size of a body", GATEWAY, r"if length > MOST_BYTES or .*:", "if False:", GATEWAY_TESTS),
            (
                "size of all bodies",
                GATEWAY,
                r"if self\._bytes \+ counted > MOST_BYTES_TOGETHER:",
                "if False:",
                GATEWAY_TESTS,
            ),
            ("names with underscores", GATEWAY, r'if "_" in name:', "if False:", GATEWAY_TESTS),
            (
                "a request without a host",
                GATEWAY,
                r'if scope\.http_version == "1\.1" and',
                "if False and",
                GATEWAY_TESTS,
            ),
            ("strangers' proxies", "wallet_project/api/proxies.py", r"meta\.pop\(name, None\)", "pass", SECURITY),
            (
                "hearsay of proxies",
                "wallet_project/api/proxies.py",
                r"in reversed\(addresses\)",
                "in addresses",
                SECURITY,
            ),
            (
                "a plain address",
                "wallet_project/api/proxies.py",
                r'getattr\(address, "ipv4_mapped", None\) or ',
                "",
                SECURITY,
            ),
            (
                "a proxy's port",
                "wallet_project/api/proxies.py",
                r'elif host\.count\(":"\) == 1:',
                "elif False:",
                SECURITY,
            ),
            ("attempts to sign in", OFFICE, r"limiter\.count_sign_in\(.*\)", "pass", SECURITY),
            (
                "failures that overrun",
                "accounts/limiter.py",
                r"^            minute \+= 1$",
                "            return",
                SECURITY,
            ),
            ("damaged counters", "accounts/limiter.py", r"return code in \{.*\}", "return False", SECURITY),
            ("counters begun anew by another", "accounts/limiter.py", r" or file != self\._file\(\)", "", SECURITY),
            (
                "superusers' second factors",
                "wallet_project/admin.py",
                r"return devices if user\.is_superuser else .*",
                "return devices",
                SECURITY,
            ),
            (
                "any host",
                SETTINGS,
                r"any\(map\(is_any_host, ALLOWED_HOSTS\)\),",
                '"*" in ALLOWED_HOSTS,',
                "tests/project/test_settings.py",
            ),
            ("any proxy", SETTINGS, r"any\(network\.prefixlen == 0 .*\),", "False,", "tests/project/test_settings.py"),
            (
                "a secret that repeats itself",
                "wallet_project/environment.py",
                r" or repeats or ",
                " or ",
                "tests/project/test_settings.py",
            ),
            ("wary replies", SETTINGS, r'    "wallet_project\.api\.middleware\.wary",\n', "", SECURITY),
            (
                "a policy for the API's replies",
                "wallet_project/api/middleware.py",
                r'    "Content-Security-Policy": .*\n',
                "",
                SECURITY,
            ),
            ("content security policy", SETTINGS, r'    "wallet_project\.pages\.Policy",\n', "", SECURITY),
            ("secrets in logs", "wallet_project/api/request_id.py", r"discreet\((super.*)\)$", r"\1", SECURITY),
            (
                "lockout",
                SETTINGS,
                r'^AUTHENTICATION_BACKENDS = \["axes\.backends\.AxesStandaloneBackend", ',
                "AUTHENTICATION_BACKENDS = [",
                SECURITY,
            ),
            ("lockout by name", SETTINGS, r'\["username", "ip_address"\]', '["ip_address"]', SECURITY),
            (
                "second factor at the door",
                OFFICE,
                r"if staff is not None and second_factor_of\(staff\):",
                "if False:",
                SECURITY,
            ),
            (
                "second factor inside",
                OFFICE,
                r"return user\.is_verified\(\) or not _has_second_factor\(request\)",
                "return True",
                SECURITY,
            ),
            ("second factor for all", OFFICE, r"if needs_one and view", "if False and view", SECURITY),
            (
                "superusers",
                "accounts/admin.py",
                r"obj is None or not obj\.is_superuser or _is_superuser\(request\)",
                "True",
                SECURITY,
            ),
            (
                "nobody makes a superuser",
                "accounts/admin.py",
                r"if _is_superuser\(request\):\n            return fields",
                "if True:\n            return fields",
                SECURITY,
            ),
            ("revoking", "accounts/admin.py", r', permissions=\["revoke"\]', "", SECURITY),
            (
                "risks at the start",
                SETTINGS,
                r"if _there and _name not in _ACCEPTED:",
                "if False:",
                "tests/project/test_settings.py",
            ),
            (
                "account of a hold",
                "wallets/api/holds.py",
                r"caller_of\(request\)\.require_account\(.*\)",
                "pass",
                SECURITY,
            ),
            ("account of a batch's hold", "wallets/api/batches.py", r"caller\.require_account\(.*\)", "pass", SECURITY),
            ("own role", "accounts/admin.py", r'own = \("groups",\) if .* else \(\)', "own = ()", SECURITY),
            (
                "guessed secrets",
                LISTS,
                r"return lookup\.removesuffix\(.*\) in self\.list_filter",
                "return True",
                SECURITY,
            ),
            ("two people", DECISIONS, r"if operation\.corrects and", "if False and", APPROVALS),
            ("another person", APPROVING, r"if person\(actor\) == person\(.*\):", "if False:", APPROVALS),
            ("the right to approve", APPROVING, r"if not \(staff\.is_active and .*\):", "if False:", APPROVALS),
            ("decided once", APPROVING, r"if proposal\.status != ProposalStatus\.PENDING:", "if False:", APPROVALS),
            ("one approval for both", APPROVING, r"approved=True", "approved=False", APPROVALS),
            ("right to act", "wallets/acting.py", r"if not request\.user\.has_perm\(.*\):", "if False:", OFFICE_TESTS),
            ("formulas", "ledger/exports.py", r'_FORMULA\.sub\("\'", text\)', "text", OFFICE_TESTS),
            (
                "formulas further in",
                "ledger/exports.py",
                r"\|\(\?<=\[;.*\{_BEGINS\}\)\"\)",
                '")',
                OFFICE_TESTS,
            ),
            ("right to export", LISTS, r"if not self\.has_view_or_change_permission\(.*\):", "if False:", OFFICE_TESTS),
            ("exports page by page", "ledger/exports.py", r"\[start : start \+ ROWS_AT_A_TIME\]", "", OFFICE_TESTS),
            ("a file that is not whole", LISTS, r"yield csv_lines\(\[\[BROKEN_OFF\]\]\)", "pass", OFFICE_TESTS),
            ("keys part by part", "ledger/exports.py", r"\[:KEYS_AT_A_TIME\]", "", OFFICE_TESTS),
            (
                "masks in lists and exports",
                "accounts/admin.py",
                r"return self\.list_display if _sees_contact\(request\) else .*",
                "return self.list_display",
                OFFICE_TESTS,
            ),
            (
                "masks on a page",
                "accounts/admin.py",
                r"masked = obj and not _sees_contact\(request\)",
                "masked = False",
                OFFICE_TESTS,
            ),
            (
                "guessed contacts",
                LISTS,
                r"return lookup\.removesuffix\(.*\) in self\.list_filter",
                "return True",
                OFFICE_TESTS,
            ),
            (
                "right to contacts",
                "wallet_project/roles.py",
                r"^_VIEWER = \(",
                r'\g<0>"accounts.view_contact", ',
                OFFICE_TESTS,
            ),
            ("a preview that is undone", APPROVING, r"set_rollback\(True\)", "pass", OFFICE_TESTS),
            (
                "statement time",
                "wallet_project/statement_time.py",
                r"return monotonic\(\) > self\._at",
                "return False",
                "tests/security/test_statement_time.py",
            ),
        )
    ),
    *(
        mutant(name, path, pattern, replacement, tests=tests, engine=engine)
        for name, path, pattern, replacement, tests, engine in (
            (
                "a proposal asked for twice",
                APPROVING,
                r'f"proposal-\{token or uuid7\(\)\}"',
                'f"proposal-{uuid7()}"',
                OFFICE_TESTS,
                "",
            ),
            ("names of staff", "accounts/admin.py", r'\("username",\) if obj else \(\)', "()", SECURITY, ""),
            ("totals of one moment", TOTALS, r"if days and all\(.*\):", "if True:", TOTALS_TESTS, ""),
            ("Enter declines", "wallets/admin.py", r'elif decision == "decline":', "else:", OFFICE_TESTS, ""),
            (
                "unsettled rows",
                TOTALS,
                r"return until if first is None else first - 1",
                "return until",
                TOTALS_TESTS,
                "",
            ),
            (
                "lock on the roll-up",
                TOTALS,
                r"RollUp\.objects\.select_for_update\(\)",
                "RollUp.objects",
                TOTALS_TESTS,
                "mysql",
            ),
            ("transfers are neither in nor out", DASHBOARD, r"and line\.account != TRANSFERS", "", OFFICE_TESTS, ""),
            ("holds that are over", DASHBOARD, r"\.exclude\(expires_at__lte=now\)", "", OFFICE_TESTS, ""),
            ("right to the dashboard", OFFICE, r" if may else None", "", OFFICE_TESTS, ""),
            (
                "right to find users",
                FINDING,
                r' if staff\.has_perm\("accounts\.view_user"\) else \(\)',
                "",
                OFFICE_TESTS,
                "",
            ),
            (
                "right to find transactions",
                FINDING,
                r' if staff\.has_perm\("ledger\.view_transaction"\) else \(\)',
                "",
                OFFICE_TESTS,
                "",
            ),
            (
                "right to decide",
                "wallets/admin.py",
                r"if not request\.user\.has_perm\(APPROVE\):",
                "if False:",
                OFFICE_TESTS,
                "",
            ),
            (
                "right to a statement",
                "wallets/admin.py",
                r"if not self\.has_view_permission\(request\) or not request\..*:",
                "if False:",
                OFFICE_TESTS,
                "",
            ),
            (
                "contact on a wallet's page",
                "accounts/masking.py",
                r"if staff\.has_perm\(VIEW_CONTACT\):",
                "if True:",
                OFFICE_TESTS,
                "",
            ),
            (
                "hash on a transaction's page",
                "ledger/connections.py",
                r"chain_hash\(previous, row\) == row\.hash",
                "True",
                OFFICE_TESTS,
                "",
            ),
            (
                "origin of a request",
                SETTINGS,
                r'    "wallet_project\.api\.request_id\.origin",\n',
                "",
                ORIGIN_TESTS,
                "",
            ),
            ("origin in the hash", "ledger/hashing.py", r', "request_id", "address"', "", ORIGIN_TESTS, ""),
            ("no origin of an expiry", "wallets/drafts.py", r"        origin=Origin\(\),\n", "", ORIGIN_TESTS, ""),
            ("a request that is over", "ledger/origin.py", r"_current\.reset\(token\)", "pass", ORIGIN_TESTS, ""),
            (
                "a stretch of history",
                "wallets/history.py",
                r"rows\.filter\(sequence__gte=before, sequence__lte=newest\)",
                "rows.filter(sequence__lte=newest)",
                "tests/wallets/test_query_plans.py",
                "mysql",
            ),
        )
    ),
    *(
        mutant(name, "wallets/group_commit.py", pattern, replacement, tests="tests/concurrency/test_group_commit.py")
        for name, pattern, replacement in (
            ("a full queue", r"if len\(self\._queue\) >= most_waiting:", "if False:"),
            ("a leader hands on", r"self\._queue\[0\]\.woken\.set\(\)", "pass"),
            (
                "a stopped leader",
                r"        finally:\n            self\._hand_on\(group\)",
                "        else:\n            self._hand_on(group)",
            ),
            (
                "each alone after a failure",
                r"return self\._alone\(asked\) if mine\.answer is None else mine\.answer",
                "return mine.answer",
            ),
            ("patience has an end", r"woken\.wait\(MOST_SECONDS\)", "woken.wait(10)"),
            ("given up is not written", r"self\._queue\.remove\(mine\)", "pass"),
        )
    ),
    mutant(
        "a caller's atomic is not grouped",
        "wallets/posting.py",
        r" and not connection\.in_atomic_block:",
        ":",
        tests="tests/concurrency/test_group_commit.py",
    ),
    *(
        mutant(name, path, pattern, replacement, tests="tests/concurrency/test_lanes.py", engine="sqlite")
        for name, path, pattern, replacement in (
            ("a lane's group is tried apart", "wallets/lanes.py", r"future = self\._alone\.submit\(.*\)", "raise"),
            (
                "a lane outlives a request",
                "wallets/lanes.py",
                r"except BaseException as caught:",
                "except OSError as caught:",
            ),
            ("a lane writes before it waits", "wallets/lanes.py", r"block=not \(.*\)\)", "block=True)"),
            ("a lane's group has a size", "wallets/lanes.py", r"self\._waiting < MOST_TOGETHER", "True"),
            (
                "a lane keeps apart what is asked for",
                "wallets/lanes.py",
                r"setdefault\(\(together, alone\), \[\]\)",
                "setdefault(next(iter(self._parked), (together, alone)), [])",
            ),
            ("a lane finishes", "wallets/lanes.py", r"while not stopping or self\.under_way:", "while not stopping:"),
            (
                "a full lane",
                GATEWAY,
                r" or self\._too_busy\(scope\)",
                "",
            ),
        )
    ),
    *(
        mutant(name, "wallet_project/mysql/base.py", pattern, replacement, tests="tests/project/test_mysql_backend.py")
        for name, pattern, replacement in (
            ("transactions begin", r'cursor\.execute\("BEGIN"\)', "pass"),
            ("connections asked again", r" and monotonic\(\) - self\._good_at < TRUSTED_SECONDS", ""),
        )
    ),
    *(
        mutant(
            name,
            "wallet_project/sqlite/base.py",
            pattern,
            replacement,
            tests="tests/project/test_sqlite_backend.py",
            engine="sqlite",
        )
        for name, pattern, replacement in (
            ("a lock of SQLite is waited for", r"if may_fail and is_transient", "if False and is_transient"),
            ("a lock of SQLite is not waited for for ever", r"patience: float = .*", "patience = 20.0"),
            ("other statements of SQLite wait too", r'cursor\.execute\(f"PRAGMA busy_timeout = .*', "pass"),
        )
    ),
    *(
        mutant(name, "wallet_project/pages.py", pattern, replacement, tests="tests/project/test_past_the_pages.py")
        for name, pattern, replacement in (
            ("hosts of calls", r"request\.get_host\(\)", "pass"),
            ("hosts that are allowed now", r"tuple\(settings\.ALLOWED_HOSTS\)\)", '(".example",))'),
            ("replies say how long they are", r"if not response\.streaming:", "if False:"),
        )
    ),
    mutant(
        "a flood is not logged",
        "wallet_project/refusals.py",
        r"now - self\._said_at < QUIET_SECONDS",
        "False",
        tests="tests/project/test_refusals.py",
    ),
    mutant(
        "lock on a proposal",
        APPROVING,
        r"Proposal\.objects\.select_for_update\(\)",
        "Proposal.objects",
        tests=APPROVALS,
    ),
    without_added_constraint("wallets_status_known", HOLDS_AND_LIMITS),
    without_added_constraint("wallets_within_balance_limit", HOLDS_AND_LIMITS),
    without_added_constraint("wallets_limits_not_negative", HOLDS_AND_LIMITS),
    without_added_constraint("holds_amount_positive", HOLDS_AND_LIMITS),
    without_added_constraint("holds_captured_within_amount", HOLDS_AND_LIMITS),
    without_added_constraint("holds_status_known", HOLDS_AND_LIMITS),
)


def main() -> None:
    """Try the mutants that the arguments name; the exit code is 1 when one survives."""
    wanted = " ".join(sys.argv[1:])
    chosen = [each for each in MUTANTS if re.search(wanted, each.name)]
    with DatabaseServer(find_server() or install_server()) as server:
        survivors = [each.name for each in chosen if not caught(each, server.url if each.engine == "mysql" else "")]
    print(f"\n{len(chosen) - len(survivors)} of {len(chosen)} guards are held by a test.")  # noqa: T201
    if survivors:
        sys.exit("Not held by any: " + ", ".join(survivors))


def caught(each: Mutant, url: str) -> bool:
    """Whether a test goes red; prints which."""
    with tempfile.TemporaryDirectory(prefix="wallet-mutant-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "var", ".*_cache", "__pycache__", "node_modules")
        )
        for edit in each.edits:
            path = copy / edit.path
            mutated, count = re.subn(edit.pattern, edit.replacement, path.read_text(), flags=re.MULTILINE)
            if count == 0:
                sys.exit(f"{each.name}: {edit.pattern} is not in {edit.path} any more")
            path.write_text(mutated)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS, *each.tests.split()],
            cwd=copy,
            env=os.environ | {"TEST_DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    red = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if not red and done.returncode != 0:
        sys.exit(f"{each.name}: the tests did not even start\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    verdict = red[1] if red else "SURVIVES"
    print(f"{each.name:50} {verdict}", flush=True)  # noqa: T201
    return verdict != "SURVIVES"


if __name__ == "__main__":
    main()
