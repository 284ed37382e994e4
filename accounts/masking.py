"""What of an e-mail or a phone is shown to those who need not reach its owner: enough to tell whether it is the one
that a customer has just named, too little to write or call.
"""

from typing import Any

from accounts.models import User

VIEW_CONTACT = "accounts.view_contact"
HIDDEN = "\N{BULLET}" * 3
LAST_DIGITS = 4
# Fewer digits than these have too little left to hide once the last four are shown.
FEWEST_DIGITS = 2 * LAST_DIGITS


def masked_email(email: str) -> str:
    """`s•••@example.com` for shefali@example.com; a name of one letter is hidden whole, and so is what has no @."""
    name, at, domain = email.rpartition("@")
    if not at:
        return HIDDEN
    return f"{name[0] if len(name) > 1 else ''}{HIDDEN}@{domain}"


def masked_phone(phone: str) -> str:
    """`•••••• 3210` for +91 98765 43210: the last four digits, of fewer than eight none; always of one length."""
    digits = [character for character in phone if character.isdecimal()]
    if len(digits) < FEWEST_DIGITS:
        return HIDDEN * 2
    return f"{HIDDEN * 2} {''.join(digits[-LAST_DIGITS:])}"


def contact_of(user: User, staff: Any) -> list[tuple[str, str]]:
    """How `user` is reached, by the name of each way; masked for staff without the right to it."""
    if staff.has_perm(VIEW_CONTACT):
        return [("E-mail", user.user_email), ("Phone", user.user_phone)]
    return [("E-mail", masked_email(user.user_email)), ("Phone", masked_phone(user.user_phone))]
