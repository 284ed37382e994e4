"""What the ledger refuses to take.

LedgerError
├── InvalidAmount         not an amount of money, or not one of this currency
├── InvalidCurrency       not a currency
├── InvalidReference      not a referenceId
├── InvalidDescription    a description, or a name, that cannot be kept
├── InvalidMetadata       not a flat object of a few short texts
├── UnknownAccount        no such ledger account, or not one that a caller may name
├── InvalidAnchors        a file that does not hold what ledger_heads printed
└── LedgerIsAppendOnly    somebody tried to change what happened
"""


class LedgerError(Exception):
    """Anything the ledger refuses; its text is a sentence for the person who can act on it."""


class InvalidAmount(LedgerError):
    """Not an amount of money that can be moved."""


class InvalidCurrency(LedgerError):
    """Not an ISO 4217 currency that amounts are held in."""


class InvalidReference(LedgerError):
    """Not a name that an operation can have."""


class InvalidDescription(LedgerError):
    """Words about a transaction that cannot be kept: too long, or with control characters in them."""


class InvalidMetadata(LedgerError):
    """Not what can be remembered about a transaction."""


class UnknownAccount(LedgerError):
    """There is no ledger account of this code, or it is a clearing account, which only transfers use."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Unknown account: {code}")


class InvalidAnchors(LedgerError):
    """A file of anchors that cannot be read; the text says where."""


class LedgerIsAppendOnly(LedgerError):
    """A transaction is written once. What was wrong is corrected by a new one, which says so."""

    def __init__(self) -> None:
        super().__init__("Transactions are append-only: correct with a new one, as adjust_wallet does")
