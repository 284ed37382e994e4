"""The staff of the demo: one for each role, two supervisors, who decide what the other proposes."""

from dataclasses import dataclass

from django.contrib.auth.models import Group

from accounts.models import Staff

ROLES = {
    "viewer": "viewer",
    "operator": "operator",
    "supervisor": "supervisor",
    "supervisor2": "supervisor",
    "administrator": "administrator",
}


@dataclass(frozen=True)
class Hired:
    """Who is new, and who was there before: they keep their passwords, and what they may do."""

    new: list[str]
    known: list[str]


def hire(password: str) -> Hired:
    """Create those of ROLES that there are not, with this password."""
    known = set(Staff.objects.filter(username__in=ROLES).values_list("username", flat=True))
    for username, role in ROLES.items():
        if username not in known:
            staff = Staff.objects.create_user(username=username, password=password, is_staff=True)
            staff.groups.add(Group.objects.get(name=role))
    return Hired([name for name in ROLES if name not in known], [name for name in ROLES if name in known])
