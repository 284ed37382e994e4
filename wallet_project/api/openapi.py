"""The OpenAPI document at /schema: made once in each process, and sent from a file.

It is large, and anybody may ask for it: a file goes out no faster than it is taken, whereas a reply made in memory
would stay there for as long as a caller takes nothing.
"""

import os
import tempfile
from functools import cache
from pathlib import Path

from django.http import FileResponse, HttpRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer


@csrf_exempt
@require_safe
def document(_: HttpRequest) -> FileResponse:
    """OpenAPI 3.1 of this API, in JSON."""
    file = Path(f"/proc/self/fd/{_file()}").open("rb")  # noqa: SIM115 (the response closes it)
    return FileResponse(file, content_type=OpenApiJsonRenderer.media_type, filename="openapi.json")


@cache
def _file() -> int:
    """The descriptor of a file without a name, which is there for as long as this process is, however that ends."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryFile() as file:
        file.write(OpenApiJsonRenderer().render(schema, renderer_context={}))
        file.flush()
        return os.dup(file.fileno())
