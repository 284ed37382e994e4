"""API keys: made once, shown once, kept as a hash; and who comes with one.

The prefix of a key is looked up, by its index; the secret has 256 random bits, so that its plain sha256 cannot be
guessed at, and is compared in constant time.
"""

import hashlib
import hmac
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError
from django.db.models import Q
from django.utils import timezone

from accounts.callers import CLIENT, Caller
from accounts.exceptions import ApiKeyNotFound, InvalidApiKey, InvalidApiKeyRequest
from accounts.key_text import FORM, new_parts, written
from accounts.models import ApiClient, ApiKey
from ledger.database_errors import is_duplicate
from ledger.retrying import insert
from ledger.selectors import require_account

logger = logging.getLogger(__name__)

# A key is looked up again after this long, so that its revocation holds in every process within a second.
TRUSTED_SECONDS = 0.5
_MOST_TRUSTED = 1000
LAST_USED_STEP = timedelta(minutes=10)  # `last_used_at` costs a write: it is no more exact than this

_trusted: dict[bytes, tuple[float, Caller]] = {}


@dataclass(frozen=True)
class NewKey:
    """A key just made, and its text, which nobody can read again."""

    key: ApiKey
    text: str


def create_key(
    *,
    client: str,
    scopes: Collection[str],
    created_by: str,
    accounts: Collection[str] = (),
    largest_amount: Decimal | None = None,
    requests_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key for the client of this name, which is created when there is none.

    Raises InvalidApiKeyRequest for what a key cannot be, UnknownAccount for an account that there is not.
    """
    for code in accounts:
        require_account(code)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidApiKeyRequest("A key must expire in the future")
    prefix, secret = new_parts()
    key = ApiKey(
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=" ".join(sorted(set(scopes))),
        accounts=" ".join(sorted(set(accounts))),
        largest_amount=largest_amount,
        requests_per_minute=requests_per_minute,
        created_by=created_by,
        expires_at=expires_at,
    )
    try:
        key.clean_fields(exclude=["client"])
        key.client = _client(client)
        insert(key)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidApiKeyRequest(f"{field}: {messages[0]}") from error
    return NewKey(key, written(prefix, secret))


def _client(name: str) -> ApiClient:
    if client := ApiClient.objects.filter(name=name).first():
        return client
    client = ApiClient(name=name)
    client.clean_fields()
    try:
        insert(client)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return ApiClient.objects.get(name=name)  # created meanwhile
    return client


def revoke_key(*, prefix: str, revoked_by: str) -> bool:
    """End a key for ever, within a second in every process. Answers whether it was still good.

    Raises ApiKeyNotFound.
    """
    changed = ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=revoked_by
    )
    if not changed and not ApiKey.objects.filter(prefix=prefix).exists():
        raise ApiKeyNotFound
    _trusted.clear()
    return bool(changed)


def caller_with(text: str) -> Caller:
    """Whose key `text` is, and what it may do; one query, or none within TRUSTED_SECONDS. Raises InvalidApiKey."""
    fingerprint = hashlib.sha256(text.encode()).digest()
    now = monotonic()
    since, caller = _trusted.get(fingerprint, (0.0, None))
    if caller is None or now - since > TRUSTED_SECONDS:
        _trusted.pop(fingerprint, None)
        caller = _looked_up(text)
        if len(_trusted) >= _MOST_TRUSTED:
            _trusted.clear()
        _trusted[fingerprint] = (now, caller)
    if caller.expires_at is not None and caller.expires_at <= timezone.now():
        raise InvalidApiKey("The API key has expired")
    return caller


def _looked_up(text: str) -> Caller:
    parts = FORM.fullmatch(text)
    prefix, secret = parts.groups() if parts else ("", "")
    key = ApiKey.objects.select_related("client").filter(prefix=prefix).first() if parts else None
    # Compared also when there is no such key: how long it takes tells nothing of which prefixes there are.
    if not hmac.compare_digest(_hash(secret), key.secret_hash if key else _hash("")) or key is None:
        raise InvalidApiKey("The API key is not valid")
    if key.revoked_at is not None:
        raise InvalidApiKey("The API key was revoked")
    _note_use(key)
    return Caller(
        name=key.client.name,
        key=key.prefix,
        actor=f"{CLIENT}{key.client.name}",
        scopes=frozenset(key.scopes.split()),
        accounts=frozenset(key.accounts.split()),
        largest_amount=key.largest_amount,
        requests_per_minute=key.requests_per_minute,
        expires_at=key.expires_at,
    )


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    before = now - LAST_USED_STEP
    if key.last_used_at is not None and key.last_used_at > before:
        return
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    try:
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)
    except DatabaseError as error:  # worth a line, and no caller's request
        logger.warning("last use of key %s not noted: %s", key.prefix, error)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
