"""What every list of the back office has in common: it only shows, and it stays fast on millions of rows."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Model]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _Paginator = Paginator

MAX_LISTED = 1000


class FirstRowsPaginator(_Paginator):
    """Pages over the first MAX_LISTED rows. InnoDB counts a table by reading it; nobody pages through a million."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return len(rows.values_list("pk", flat=True)[:MAX_LISTED])


class FastList(_ModelAdmin):
    """Newest first, by the primary key; found by exact words, each of which an index answers."""

    paginator = FirstRowsPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0
    list_per_page = 50
    sortable_by = ()
    ordering = ("-pk",)
    # Django shows the search box when this is not empty; `find` says what is looked up.
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (self.find(queryset, term) if term else queryset), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        try:
            return super().get_object(request, object_id, from_field)
        except OverflowError:  # beyond what SQLite has numbers for: there is no such row
            return None

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        """The rows that `term` names."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnly(_ModelAdmin):
    """Money is looked at here, with every column there is, and moved nowhere here."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in self.opts.concrete_fields]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.get_readonly_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def whole_number(term: str) -> int | None:
    """`term` as a number that may be a userId, or None."""
    number = int(term) if term.isascii() and term.isdigit() and len(term) < 20 else 0
    return number if 1 <= number < 2**63 else None
