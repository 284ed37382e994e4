"""Query parameters: each once, each known."""

from django.http import QueryDict
from rest_framework import serializers


def once_each(query: QueryDict) -> dict[str, str]:
    """The query parameters. Raises ValidationError for one that is there twice, which could mean either."""
    for name, values in query.lists():
        if len(values) > 1:
            raise serializers.ValidationError({name[:50]: [f"{name[:50]} is given more than once"]})
    return {name: str(value) for name, value in query.items()}
