"""What a referenceId is, the name of one operation for ever, and what words about an operation may be."""

import re

from ledger.exceptions import InvalidDescription, InvalidMetadata, InvalidReference

MAX_REFERENCE_LENGTH = 100
MAX_DESCRIPTION_LENGTH = 500
MAX_ACTOR_LENGTH = 100
MAX_METADATA_KEYS = 20
MAX_METADATA_LENGTH = 200
METADATA_KEY = "^[A-Za-z][A-Za-z0-9_]{0,39}$"
_METADATA_KEY = re.compile(METADATA_KEY.strip("^$"), re.ASCII)
# Unicode's control characters (Cc) and halves of surrogate pairs (Cs).
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_REFERENCE = re.compile(rf"[!-~]{{1,{MAX_REFERENCE_LENGTH}}}", re.ASCII)


def check_reference(value: object) -> str:
    """`value` itself, when it is a reference: 1 to 100 visible ASCII characters without spaces.

    Raises InvalidReference otherwise. Nothing is trimmed or converted, so that no two names become one.
    """
    if value is None or value == "":
        raise InvalidReference("referenceId is required")
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise InvalidReference(
            f"referenceId must be a string of 1 to {MAX_REFERENCE_LENGTH} visible ASCII characters without spaces"
        )
    return value


def check_words(name: str, text: str, *, most: int) -> str:
    """`text` itself, when it has at most `most` characters and none that controls or is half of one.

    Raises InvalidDescription, which says `name`.
    """
    if not _is_text(text, most):
        raise InvalidDescription(f"{name} must have at most {most} characters and no control characters")
    return text


def check_metadata(value: object) -> dict[str, str]:
    """`value` itself, when it is a flat object of a few short texts. Raises InvalidMetadata otherwise.

    Texts only: a number would not come back from every database as it was sent, and the hash covers what was sent.
    """
    if not isinstance(value, dict) or len(value) > MAX_METADATA_KEYS:
        raise InvalidMetadata(f"metadata must be an object of at most {MAX_METADATA_KEYS} keys")
    for key, text in value.items():
        if not isinstance(key, str) or not _METADATA_KEY.fullmatch(key):
            raise InvalidMetadata("A key of metadata must be a letter and up to 39 letters, digits and _")
        if not isinstance(text, str) or not _is_text(text, MAX_METADATA_LENGTH):
            raise InvalidMetadata(
                f"metadata.{key} must be a string of at most {MAX_METADATA_LENGTH} characters, no control characters"
            )
    return value


def _is_text(text: str, most: int) -> bool:
    return len(text) <= most and not _NO_TEXT.search(text)
