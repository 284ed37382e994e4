"""The user endpoints."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.documentation import documented
from accounts.api.fields import validated
from accounts.api.serializers import CreateUser, UpdateUser, UserCreated, UserDetails
from accounts.api.viewsets import ApiViewSet
from accounts.exceptions import InvalidUser
from accounts.models import User
from accounts.scopes import Scope
from accounts.selectors import require_user
from ledger.moments import timestamp

_CREATE_USER, _UPDATE_USER = CreateUser(), UpdateUser()
_USER_ID = OpenApiParameter("user_id", OpenApiTypes.INT64, OpenApiParameter.PATH)
_EXAMPLE = {
    "userId": 1,
    "user_name": "Shefali Sethiya",
    "user_email": "shefali@email.com",
    "user_phone": "9876543210",
}


class UserViewSet(ApiViewSet):
    """Users: the people who own wallets."""

    @documented(
        "createUser",
        "Create a user",
        tag="Users",
        scope=Scope.USERS_WRITE,
        request=CreateUser,
        asks=_EXAMPLE,
        status=201,
        reply=UserCreated,
        answers={"message": "User created successfully", "user": _EXAMPLE},
        _400=CreateUser.all_required or "",
        _409="User with same userId, email, or phone already exists",
    )
    def create(self, request: Request) -> Response:
        """Create a user under the caller's own number; userId, e-mail and phone are unique, compared exactly."""
        body = validated(_CREATE_USER, request.data)
        user = services.create_user(
            user_id=body["userId"],
            user_name=body["user_name"],
            user_email=body["user_email"],
            user_phone=body["user_phone"],
        )
        return Response({"message": "User created successfully", "user": _written(user)}, status=201)

    @documented(
        "getUser",
        "A user",
        tag="Users",
        scope=Scope.USERS_READ,
        reply=UserDetails,
        answers=_EXAMPLE | {"createdAt": "2026-02-11T10:00:00.000Z"},
        parameters=[_USER_ID],
        _404="User not found",
    )
    def retrieve(self, request: Request, user_id: int) -> Response:
        """How a user is called and reached."""
        user = require_user(user_id)
        return Response(_written(user) | {"createdAt": timestamp(user.created_at)})

    @documented(
        "updateUser",
        "Change how a user is called or reached",
        tag="Users",
        scope=Scope.USERS_WRITE,
        request=UpdateUser,
        asks={"user_phone": "9876500000"},
        reply=UserCreated,
        answers={"message": "User updated successfully", "user": _EXAMPLE | {"user_phone": "9876500000"}},
        parameters=[_USER_ID],
        _400="Name at least one of user_name, user_email and user_phone",
        _404="User not found",
        _409="User with same userId, email, or phone already exists",
    )
    def partial_update(self, request: Request, user_id: int) -> Response:
        """Change those that are named; e-mail and phone stay unique. The userId is for ever."""
        body = validated(_UPDATE_USER, request.data)
        if not body:
            raise InvalidUser("Name at least one of user_name, user_email and user_phone")
        user = services.update_user(user_id=user_id, **body)
        return Response({"message": "User updated successfully", "user": _written(user)})


def _written(user: User) -> dict[str, Any]:
    return {
        "userId": user.user_id,
        "user_name": user.user_name,
        "user_email": user.user_email,
        "user_phone": user.user_phone,
    }
