"""What the OpenAPI document says of keys: how one is sent, and which scope each endpoint asks for."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from accounts.api.scoped import PUBLIC, scope_of

API_KEY = "apiKey"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer mws_…`."""

    target_class = "accounts.api.authentication.ApiKeyAuthentication"
    name = API_KEY

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "mws_PREFIX_SECRET",
            "description": "A key that staff, or `manage.py api_key create`, made. An open API asks for none.",
        }


class ScopedSchema(AutoSchema):
    """An endpoint's schema, with the scope that it asks for."""

    def _scope(self) -> str | None:
        view: Any = self.view
        return scope_of(getattr(view, view.action))

    def get_auth(self) -> list[dict[str, list[str]]]:
        """The scheme and the scope; nothing for who asks for no key."""
        scope = self._scope()
        super().get_auth()  # which writes the scheme down
        return [] if scope == PUBLIC else [{API_KEY: [str(scope)]}]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """What it does, and the scope."""
        scope = self._scope()
        described = str(super().get_description())
        return described if scope == PUBLIC else f"{described}\n\nScope: `{scope}`."
