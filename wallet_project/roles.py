"""What staff may do, by the group that they are in. Each role may do what the one before it may, and more.

Kept here as a table, and given to the groups after every migration; what an administrator adds to a group stays.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

_VIEWER = (
    *("accounts.view_user", "wallets.view_wallet", "wallets.view_hold", "wallets.view_proposal"),
    *("ledger.view_transaction", "ledger.view_account", "ledger.view_auditrecord", "ledger.view_verification"),
)
_OPERATOR = (
    *_VIEWER,
    *("accounts.view_contact", "accounts.change_user"),
    *("wallets.note_wallet", "wallets.freeze_wallet", "wallets.release_hold", "wallets.propose_correction"),
)
_SUPERVISOR = (
    *_OPERATOR,
    *("wallets.close_wallet", "wallets.limit_wallet", "wallets.approve_correction", "ledger.add_account"),
    "ledger.change_account",
)
_ADMINISTRATOR = (
    *_VIEWER,
    *("accounts.view_staff", "accounts.add_staff", "accounts.change_staff", "auth.view_group"),
    *("accounts.view_apiclient", "accounts.add_apiclient", "accounts.change_apiclient"),
    *("accounts.view_apikey", "accounts.add_apikey", "accounts.change_apikey"),
    *("otp_totp.view_totpdevice", "otp_totp.delete_totpdevice"),
    *("axes.view_accessattempt", "axes.delete_accessattempt"),  # which unlocks whoever is locked out
    "axes.view_accesslog",
)

# An administrator lets people and programs in, moves no money and reaches no customer: that is somebody else.
ROLES = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "supervisor": _SUPERVISOR,
    "administrator": _ADMINISTRATOR,
}


def create_roles() -> None:
    """Create the groups, and give them what the table says."""
    for name, labels in ROLES.items():
        wanted = Q()
        for label in labels:
            app, _, codename = label.partition(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(wanted))
