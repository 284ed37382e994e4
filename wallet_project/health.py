"""Whether this process lives, and whether it can serve: for load balancers and container engines."""

import logging

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.documentation import refusals
from accounts.api.scoped import PUBLIC, scoped
from accounts.api.viewsets import ApiViewSet

logger = logging.getLogger(__name__)

_HEALTHY = inline_serializer("Health", {"status": serializers.CharField()})


class NotReady(APIException):
    """This process cannot serve now, and says why."""

    status_code = 503


def unapplied_migrations() -> list[str]:
    """The names of the migrations that the database still waits for."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


class HealthViewSet(ApiViewSet):
    """Health of the process and of what it needs. A probe's key, good or bad, is not looked at."""

    authentication_classes = ()

    # Migrations do not come undone while the process runs: once seen applied, they are not looked up again.
    _migrated = False

    @scoped(PUBLIC)
    @extend_schema(operation_id="live", summary="The process runs", tags=["Health"], responses={200: _HEALTHY})
    def live(self, request: Request) -> Response:
        """Answers as long as the process can answer anything."""
        return Response({"status": "ok"})

    @scoped(PUBLIC)
    @extend_schema(
        operation_id="ready",
        summary="The service can serve",
        tags=["Health"],
        responses={
            200: _HEALTHY,
            **refusals(_503=["The database is not reachable", "Migrations are not applied: run manage.py migrate"]),
        },
    )
    def ready(self, request: Request) -> Response:
        """The database answers, and its migrations are applied."""
        try:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute("SELECT 1")
            if not HealthViewSet._migrated:
                HealthViewSet._migrated = not unapplied_migrations()
        except Exception as error:
            logger.warning("not ready: %s", error)
            raise NotReady("The database is not reachable") from error
        if not HealthViewSet._migrated:
            raise NotReady("Migrations are not applied: run manage.py migrate")
        return Response({"status": "ok"})
