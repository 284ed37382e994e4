"""Queries whose SQL is written once. The ORM takes longer to write a statement than a database takes to answer it.

A `Prepared` query is an ordinary QuerySet, so that what is asked stands in Django's own words; its SQL, and how its
columns are turned into Python, are kept from the first time on, and only the values are put in anew.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

# Values that stand for those to come, such as no query has by itself.
_FIRST_MARK = 2**62
Columns = list[tuple[int, list[Callable[..., Any]], Any]]


class Prepared:
    """What `queryset` answers for whole numbers or texts that are given later, as tuples of its `values_list`.

    `queryset` is called with a list of values to look for, once for each length of it, and has to use each of them
    once, as they are. What it locks, it locks in the caller's transaction.
    """

    def __init__(self, queryset: Callable[[list[Any]], QuerySet[Any, Any]], *, texts: bool = False) -> None:
        self._queryset, self._texts = queryset, texts
        self._written: dict[tuple[str, int], tuple[str, list[Any], list[int], Columns]] = {}

    def rows(self, values: Sequence[Any]) -> list[Any]:
        """The rows for these values."""
        if not values:
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.vendor, len(values))
        if key not in self._written:
            self._written[key] = self._write(len(values), connection)
        sql, params, places, columns = self._written[key]
        filled = params.copy()
        for place, value in zip(places, values, strict=True):
            filled[place] = value
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            found = cursor.fetchall()
        return [_converted(row, columns, connection) for row in found]

    def _write(self, count: int, connection: BaseDatabaseWrapper) -> tuple[str, list[Any], list[int], Columns]:
        marks: list[Any] = [_FIRST_MARK + number for number in range(count)]
        if self._texts:
            marks = [f"mark {mark}" for mark in marks]
        compiler = self._queryset(marks).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        expressions = [expression for expression, _, _ in compiler.select]
        columns = [
            (place, list(converters), expression)
            for place, (converters, expression) in compiler.get_converters(expressions).items()
        ]
        return sql, list(params), [params.index(mark) for mark in marks], columns


def _converted(row: Sequence[Any], columns: Columns, connection: BaseDatabaseWrapper) -> list[Any]:
    values = list(row)
    for place, converters, expression in columns:
        value = values[place]
        for convert in converters:
            value = convert(value, expression, connection)
        values[place] = value
    return values
