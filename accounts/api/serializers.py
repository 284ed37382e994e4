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


class UserCreated(serializers.Serializer[None]):
    """The reply to `POST /users`."""

    message = serializers.CharField()
    user = CreateUser()
