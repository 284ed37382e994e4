"""What a form of the back office fills in with more than one field."""

from typing import Any

from django.contrib.admin.widgets import AdminSplitDateTime


class DayAndTime(AdminSplitDateTime):
    """A moment in two fields, each of which says what it is to those who cannot see it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        what = name.replace("_", " ").capitalize()
        for widget, part in zip(context["widget"]["subwidgets"], ("date", "time"), strict=True):
            widget["attrs"]["aria-label"] = f"{what}, {part}"
        return context
