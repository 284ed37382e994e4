"""What every list of the back office has in common: it only shows, it stays fast on millions of rows, it can be had
as CSV.
"""

import logging
from collections.abc import Iterator, Sequence
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst, slugify
from django.views.decorators.http import require_GET

from ledger.exports import as_text, csv_lines, in_pages, split_money

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Model]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _Paginator = Paginator

MAX_LISTED = 1000
BROKEN_OFF = "INCOMPLETE: reading failed here, download it again"

logger = logging.getLogger(__name__)


class FirstRowsPaginator(_Paginator):
    """Pages over the first MAX_LISTED rows. InnoDB counts a table by reading it; nobody pages through a million."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return len(rows.values_list("pk", flat=True)[:MAX_LISTED])


class Exported(_ModelAdmin):
    """A list that whoever may look at it may have as CSV: as it is searched and filtered, with all its rows.

    The columns are those of the list. Money is written so that a spreadsheet can add it up, 1234.50, and its currency
    stands in a column of its own, the last. Words such as DEBIT_FROZEN are written as the API writes them.
    """

    # Those that show an amount as `for_people` writes it.
    money_columns: ClassVar[frozenset[str]] = frozenset(
        {"money", "balance", "balance_now", "available_now", "captured_so_far"}
    )

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(require_GET(self.export)), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The list that the query string asks for, streamed. Raises PermissionDenied."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        # In the list's own order, which an index has, and from its first row.
        query = request.GET.copy()
        for name in (ORDER_VAR, PAGE_VAR):
            query.pop(name, None)
        request.GET = query  # type: ignore[assignment]
        back = redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return back
        if request.GET.get(SEARCH_VAR, "").strip() and not shown.query:
            return back  # nobody can search for that; without it, the file would be of all rows
        rows = shown.queryset
        lines = self._lines(request.user.get_username(), rows, self.get_list_display(request), copy_context())
        file = f"{slugify(str(self.opts.verbose_name_plural))}-{timezone.now():%Y-%m-%d}.csv"
        reply = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        reply.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return reply

    def _lines(self, who: str, rows: QuerySet[Any], columns: Sequence[Any], context: Context) -> Iterator[str]:
        """The header at once, then page by page; in the end, or when nobody takes more, the log says how many."""
        taken = 0
        header = [capfirst(str(label_for_field(name, self.model, self))) for name in columns]
        try:
            yield csv_lines([[*header, "Currency"] if self.money_columns.intersection(columns) else header])
            for page in in_pages(rows):
                taken += len(page)
                yield csv_lines(self._line(row, columns) for row in page)
        except Exception:
            # The server ends a reply that failed as it ends a whole one: only the file itself can tell.
            yield csv_lines([[BROKEN_OFF]])
            raise
        finally:
            # In the context of the request, whose id the log says: any thread may come here.
            context.run(logger.info, "staff:%s exported %s, %d rows", who, self.opts.label_lower, taken)

    def _line(self, row: Model, columns: Sequence[Any]) -> list[str]:
        line, currency = [], ""
        for name in columns:
            text = self._cell(row, name)
            if name in self.money_columns:
                text, currency = split_money(text)
            line.append(text)
        return [*line, currency] if self.money_columns.intersection(columns) else line

    def _cell(self, row: Model, name: Any) -> str:
        try:
            return as_text(lookup_field(name, row, self)[2])
        except ObjectDoesNotExist:
            return ""


class FastList(Exported):
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
        # Django's page looks it up again; one look is enough for a request that only shows it.
        looked_up: dict[Any, Any] = request.__dict__.setdefault("looked_up", {})
        key = (self.model, object_id, from_field)
        if key not in looked_up:
            try:
                looked_up[key] = super().get_object(request, object_id, from_field)
            except OverflowError:  # beyond what SQLite has numbers for: there is no such row
                looked_up[key] = None
        return looked_up[key]

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        """The rows that `term` names."""
        raise NotImplementedError

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # What the page offers, and nothing else that Django would take from an address: beginnings of a text tell what
        # is masked letter by letter, a regular expression can take a day, and no index answers any of them.
        return lookup.removesuffix(f"{LOOKUP_SEP}exact") in self.list_filter

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


def link_to_wallet(user_id: int) -> str:
    """The user id, leading to the page of that user's wallet."""
    return format_html('<a href="{}">{}</a>', reverse("admin:wallets_wallet_change", args=[user_id]), user_id)
