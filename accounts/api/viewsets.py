"""What every viewset of the API has in common."""

from rest_framework.viewsets import ViewSet


class ApiViewSet(ViewSet):
    """A viewset that answers the methods it documents, and 405 to every other."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
