"""A wallet's statement as a file: CSV, a page that prints well, PDF. For the API and the back office alike."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string

from ledger.exports import harmless
from ledger.moments import timestamp
from ledger.money import decimals_of_currency, figure
from wallets.exceptions import InvalidPeriod
from wallets.statements import Statement

FILES = ["csv", "html", "pdf"]
# More lines than these nobody looks at; a thousand take a PDF more than a second.
MOST_LINES = {"html": 10_000, "pdf": 2_000}
CSV_COLUMNS = ("time", "transaction_id", "reference_id", "kind", "description", "debit", "credit", "balance")


def statement_file(found: Statement, form: str) -> HttpResponseBase:
    """The statement as one of FILES. Raises InvalidPeriod for more lines than this form takes."""
    match form:
        case "csv":
            csv_reply = StreamingHttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
            return _download(csv_reply, found.user_id, "csv")
        case "html":
            return HttpResponse(render_to_string("wallets/statement.html", _page(found, "html")))
        case _:
            # Here, because fonts and their libraries take 20 MB of every process that loads them.
            from wallets.statement_pdf import statement_pdf

            pdf = statement_pdf(_page(found, "pdf"))
            return _download(HttpResponse(pdf, content_type="application/pdf"), found.user_id, "pdf")


def _download(reply: HttpResponseBase, user_id: int, ending: str) -> HttpResponseBase:
    reply.headers["Content-Disposition"] = f'attachment; filename="statement-{user_id}.{ending}"'
    return reply


class _Line:
    """A file for a csv.writer that keeps nothing: what is written comes back."""

    def write(self, text: str) -> str:
        return text


def _csv(found: Statement) -> Iterator[str]:
    def money(amount: Decimal) -> str:
        return f"{amount:.{decimals_of_currency(found.currency)}f}"

    writer = csv.writer(_Line())
    yield writer.writerow(CSV_COLUMNS)
    yield writer.writerow([timestamp(found.start), "", "", "OPENING", "", "", "", money(found.opening)])
    for line in found.lines():
        amount = money(line["amount"])
        debit, credit = (amount, "") if line["type"] == "DEBIT" else ("", amount)
        yield writer.writerow(
            [
                timestamp(line["created_at"]),
                line["transaction_id"],
                harmless(line["reference_id"]),
                line["kind"],
                harmless(line["description"]),
                debit,
                credit,
                money(line["balance_after"]),
            ]
        )
    totals = [money(total) for total in (found.debits, found.credits, found.closing)]
    yield writer.writerow([timestamp(found.end), "", "", "CLOSING", "", *totals])


def _page(found: Statement, form: str) -> dict[str, Any]:
    """What a page shows. Raises InvalidPeriod for more lines than this form takes."""
    most = MOST_LINES[form]
    if found.until - found.after > most:
        raise InvalidPeriod(f"More than {most} lines for {form}: name a shorter period, or take the csv")

    def money(amount: Decimal) -> str:
        return figure(amount, found.currency)

    lines = [
        {
            "time": line["created_at"],
            "what": line["description"] or line["kind"].capitalize(),
            "reference": line["reference_id"],
            "debit": money(line["amount"]) if line["type"] == "DEBIT" else "",
            "credit": "" if line["type"] == "DEBIT" else money(line["amount"]),
            "balance": money(line["balance_after"]),
        }
        for line in found.lines()
    ]
    totals = {name: money(getattr(found, name)) for name in ("opening", "credits", "debits", "closing")}
    return {"statement": found, "lines": lines, "totals": totals}
