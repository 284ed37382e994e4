"""The user endpoints."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.documentation import refusals
from accounts.api.fields import validated
from accounts.api.serializers import CreateUser, UserCreated
from accounts.api.viewsets import ApiViewSet

_CREATE_USER = CreateUser()
_EXAMPLE = {
    "userId": 1,
    "user_name": "Shefali Sethiya",
    "user_email": "shefali@email.com",
    "user_phone": "9876543210",
}


class UserViewSet(ApiViewSet):
    """Users: the people who own wallets."""

    @extend_schema(
        operation_id="createUser",
        summary="Create a user",
        tags=["Users"],
        request=CreateUser,
        responses={
            201: UserCreated,
            **refusals(
                _400=CreateUser.all_required or "",
                _409="User with same userId, email, or phone already exists",
            ),
        },
        examples=[
            OpenApiExample("User", value=_EXAMPLE, request_only=True),
            OpenApiExample(
                "Created",
                value={"message": "User created successfully", "user": _EXAMPLE},
                response_only=True,
                status_codes=["201"],
            ),
        ],
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
        created = {
            "userId": user.user_id,
            "user_name": user.user_name,
            "user_email": user.user_email,
            "user_phone": user.user_phone,
        }
        return Response({"message": "User created successfully", "user": created}, status=201)
