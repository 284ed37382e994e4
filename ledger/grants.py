"""The rights of the user as whom the service runs: all that it needs, and nothing that could rewrite history.

Migrations run as another user. No trigger sees TRUNCATE and DROP; only a right that was never given stops them.
"""

from collections.abc import Iterator

from django.apps import apps

# What may be changed of a row; on the other tables of ours nothing is.
UPDATABLE = {
    "users": ("user_name", "user_email", "user_phone"),
    "wallets": (
        *("balance", "held", "sequence", "head_hash", "status", "updated_at"),
        *("overdraft_limit", "amount_limit", "daily_limit", "monthly_limit", "balance_limit"),
    ),
    "holds": ("captured", "status", "updated_at"),
    "proposals": ("status", "decided_by", "decided_at", "decision_reason", "transaction_id"),
    "accounts": ("name", "purpose"),
    "api_clients": ("purpose",),
    "api_keys": ("last_used_at", "revoked_at", "revoked_by"),  # what a key may do is for ever
}
APPEND_ONLY = ("transactions", "audit_records", "verifications")


def grants(*, user: str, database: str) -> Iterator[str]:
    """GRANT statements for `user`, as MySQL writes it ('name'@'host'), on `database`."""
    for table in sorted(apps_tables()):
        if table in APPEND_ONLY:
            rights = "SELECT, INSERT"
        elif table in UPDATABLE:
            rights = f"SELECT, INSERT, UPDATE ({', '.join(UPDATABLE[table])})"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        yield f"GRANT {rights} ON `{database}`.`{table}` TO {user};"
    yield f"GRANT SELECT ON `{database}`.`django_migrations` TO {user};"


def apps_tables() -> set[str]:
    """Every table of every installed app, the ones between two models too."""
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
