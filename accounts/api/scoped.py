"""What an endpoint asks of a key. It stands on the view's method, and the OpenAPI document reads it there too."""

from collections.abc import Callable
from typing import Any, TypeVar

from accounts.scopes import Scope

PUBLIC = "public"  # asks for no key

_View = TypeVar("_View", bound=Callable[..., Any])


def scoped(scope: Scope | str) -> Callable[[_View], _View]:
    """Mark a method of a viewset with the scope that it asks for, or with PUBLIC."""

    def mark(view: _View) -> _View:
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return mark


def scope_of(view: object) -> str | None:
    """The scope that a method of a viewset asks for; None when it does not say, and so is open to nobody."""
    return getattr(view, "scope", None)
