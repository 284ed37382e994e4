"""Lists as CSV for spreadsheets: read a page at a time, cells that mean what they say and are no formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from ledger.moments import timestamp

ROWS_AT_A_TIME = 1000
KEYS_AT_A_TIME = 50_000

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
# As `ledger.money.for_people` writes it.
_MONEY = re.compile(r"(-?[0-9,]+(?:\.[0-9]+)?)\N{NO-BREAK SPACE}([A-Z]{3})", re.ASCII)
# What a spreadsheet does not see, or leaves out, before the first character that counts.
_UNSEEN = r"[\s\x00-\x1f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
# Where a formula would begin: at the start of the cell; and after what begins another cell where the spreadsheet of
# a country that writes 1,5 for a half takes ; for the separator, or where quotes are not understood.
_BEGINS = r"[=+\-@＝＋－＠﹢﹣﹦﹫]"
_FORMULA = re.compile(rf"^(?=[\t\r\n])|^(?={_UNSEEN}{_BEGINS})|(?<=[;\t\r\n])(?=[\"']*{_UNSEEN}[\"']*{_BEGINS})")


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula (OWASP: CSV injection); a plain number stays one."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


def as_text(value: object) -> str:
    """What a list shows, as plain text: no HTML, times in UTC (2026-02-11T10:00:00.000Z), numbers with a dot alone."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timestamp(value)
        case Decimal():
            return f"{value:f}"
        case SafeString():
            return unescape(strip_tags(value))
        case _:
            return str(value)


def split_money(text: str) -> tuple[str, str]:
    """`1,234.50 INR` as a number that can be summed, 1234.50, and its currency; other text as it is, and none."""
    found = _MONEY.fullmatch(text)
    return (found[1].replace(",", ""), found[2]) if found else (text, "")


def csv_lines(lines: Iterable[Sequence[str]]) -> str:
    """Lines of CSV (RFC 4180), every cell harmless."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) for cell in line] for line in lines)
    return written.getvalue()


def in_pages(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """`rows` by the first column of their order and then the primary key, a thousand at a time.

    Memory is flat: MySQL's client would hold the whole of one long result. Nothing stays open between two pages, which
    may be read by different threads. Rows that are written meanwhile may be among them or not.
    """
    unsorted = rows.order_by()
    for keys in _keys(rows):
        for start in range(0, len(keys), ROWS_AT_A_TIME):
            page = keys[start : start + ROWS_AT_A_TIME]
            found = unsorted.in_bulk(page)
            yield [found[key] for key in page if key in found]


def _keys(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The primary keys of `rows`, in order; each part of them begins after the last of the one before it.

    Many at a time and nothing but them, which an index alone answers: MariaDB may find where the last part ended by
    going there from the first row, and with whole rows each page would take longer than the last.
    """
    first = str(rows.query.order_by[0])  # lists name columns
    name, back = first.removeprefix("-"), first.startswith("-")
    by_key = name in {"pk", rows.model._meta.pk.name}
    # Both in the same direction, as an index has them that has the primary key at its end.
    order = [first] if by_key else [first, "-pk" if back else "pk"]
    pairs = rows.order_by(*order).prefetch_related(None).values_list("pk", name)
    part = list(pairs[:KEYS_AT_A_TIME])
    while part:
        yield [key for key, _ in part]
        if len(part) < KEYS_AT_A_TIME:
            return
        last, reached = part[-1]
        left = pairs.filter(**{f"{name}__{'lte' if back else 'gte'}": reached})
        # Not (column, key) after (last, last): this way round the engines begin in the index where it ended.
        left = left.exclude(**{name: reached, f"pk__{'gte' if back else 'lte'}": last})
        part = list(left[:KEYS_AT_A_TIME])
