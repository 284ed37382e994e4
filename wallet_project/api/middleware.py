"""What holds for every request to the API, also for those that never reach one of its views."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from wallet_project.api.errors import answer_status
from wallet_project.api.exact_json import ExactJSONRenderer
from wallet_project.refusals import REFUSAL

Handler = Callable[[HttpRequest], HttpResponseBase]

# The pages for people; everything else answers as the API does.
_PAGES = "/admin/"


def errors_in_one_shape(next_handler: Handler) -> Handler:
    """Answer an API call in the API's shape also when Django itself refused it.

    An unknown path, a wrong Host header, a fault in another middleware: Django's pages for people would stand there,
    and with DEBUG on its inside.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = next_handler(request)
        if response.status_code < 400 or request.path.startswith(_PAGES) or _is_ours(response):
            return response
        answer = answer_status(request, response.status_code)
        for name, value in response.headers.items():
            if name != "Content-Length":
                answer.headers.setdefault(name, value)
        return answer

    return handle


def whole_bodies(next_handler: Handler) -> Handler:
    """Refuse what the gateway did not read, and a body in chunks (411): nothing tells one that was cut off."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        refusal = 411 if "HTTP_TRANSFER_ENCODING" in request.META else request.META.get(REFUSAL)
        return answer_status(request, refusal) if refusal else next_handler(request)

    return handle


# What a browser, or a cache, may do with a reply. A page has a policy of its own, from the settings.
_WARY = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def wary(next_handler: Handler) -> Handler:
    """Say on every reply, also on one that never reached Django's own middleware, what may not be done with it."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = next_handler(request)
        for name, value in _WARY.items():
            response.headers.setdefault(name, value)
        return response

    return handle


def _is_ours(response: HttpResponseBase) -> bool:
    return isinstance(getattr(response, "accepted_renderer", None), ExactJSONRenderer)
