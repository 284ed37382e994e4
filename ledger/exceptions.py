"""What the ledger refuses to take.

LedgerError
├── InvalidAmount       not an amount of money, or not one of this currency
└── InvalidReference    not a referenceId
"""


class LedgerError(Exception):
    """Anything the ledger refuses; its text is a sentence for the person who can act on it."""


class InvalidAmount(LedgerError):
    """Not an amount of money that can be moved."""


class InvalidReference(LedgerError):
    """Not a name that an operation can have."""
