"""What every viewset of the API has in common."""

from functools import cache
from typing import Any

from rest_framework.viewsets import ViewSet


@cache
def _made(classes: tuple[type, ...]) -> tuple[Any, ...]:
    return tuple(made() for made in classes)


class ApiViewSet(ViewSet):
    """A viewset that answers the methods it documents, and 405 to every other.

    What DRF makes anew for each request keeps nothing of one, so that one of each serves them all.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def get_parsers(self) -> Any:
        return _made(tuple(self.parser_classes))

    def get_renderers(self) -> Any:
        return _made(tuple(self.renderer_classes))

    def get_authenticators(self) -> Any:
        return _made(tuple(self.authentication_classes))

    def get_permissions(self) -> Any:
        return _made(tuple(self.permission_classes))

    def get_throttles(self) -> Any:
        return _made(tuple(self.throttle_classes))
