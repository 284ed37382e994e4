"""Bodies of the user endpoints."""

from rest_framework import serializers

from accounts.api.fields import EmailField, StrictSerializer, TextField, UserIdField


class CreateUser(StrictSerializer):
    """`POST /users`."""

    all_required = "userId, user_name, user_email and user_phone are required"

    userId = UserIdField()  # noqa: N815  (the seed's key)
    user_name = TextField(max_length=200)
    user_email = EmailField(max_length=254)
    user_phone = TextField(max_length=32)


class UpdateUser(StrictSerializer):
    """`PATCH /users/:userId`: those that are named."""

    user_name = TextField(max_length=200, required=False)
    user_email = EmailField(max_length=254, required=False)
    user_phone = TextField(max_length=32, required=False)


class UserCreated(serializers.Serializer[None]):
    """The reply to `POST /users`."""

    message = serializers.CharField()
    user = CreateUser()


class UserDetails(serializers.Serializer[None]):
    """The reply to `GET /users/:userId`."""

    userId = UserIdField()  # noqa: N815  (the seed's key)
    user_name = serializers.CharField()
    user_email = serializers.CharField()
    user_phone = serializers.CharField()
    createdAt = serializers.DateTimeField()  # noqa: N815
