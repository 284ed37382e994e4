"""The API's shape for errors that never reached one of its views."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from wallet_project.api.errors import PROBLEM_JSON, answer_status

# What a person looks at in a browser; everything else is the API.
_PAGES = ("/admin", "/docs", "/static/")


def errors_in_one_shape(
    next_handler: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer an API call in the API's shape also when Django itself refused it: an unknown path, a wrong Host header,
    a fault in another middleware. Django's pages for people would stand there, and with DEBUG on its inside.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = next_handler(request)
        if response.status_code < 400 or request.path.startswith(_PAGES) or _is_ours(response):
            return response
        return answer_status(request, response.status_code)

    return handle


def _is_ours(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type") in {"application/json", PROBLEM_JSON}
