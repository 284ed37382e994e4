"""A statement as PDF, in a font that has Latin, Greek, Cyrillic, Devanagari, Arabic, Hebrew, Thai and Georgian."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf_fonts
from fpdf import FPDF
from fpdf.enums import XPos, YPos

_MARGIN, _LINE = 14, 6  # millimetres
_SIZE = 8  # points
_SURELY_FITS = 11  # characters of any of these columns
_MOST_SHOWN = 60
_COLUMNS = (
    *(("Time (UTC)", 34, "L"), ("What", 48, "L"), ("Reference", 34, "L")),
    *(("Debit", 22, "R"), ("Credit", 22, "R"), ("Balance", 22, "R")),
)


def statement_pdf(page: dict[str, Any]) -> bytes:
    """The PDF of what `templates/wallets/statement.html` shows, from the same context."""
    pdf = _Pdf(page)
    pdf.add_page()
    totals = page["totals"]
    pdf.row(("Opening balance", "", "", "", "", totals["opening"]), bold=True)
    for line in page["lines"]:
        pdf.row(
            (
                f"{line['time']:%Y-%m-%d %H:%M:%S}",
                *(line[name] for name in ("what", "reference", "debit", "credit", "balance")),
            )
        )
    if not page["lines"]:
        pdf.row(("Nothing moved.", "", "", "", "", ""))
    pdf.row(("Closing balance", "", "", totals["debits"], totals["credits"], totals["closing"]), bold=True)
    return bytes(pdf.output())


class _Pdf(FPDF):
    """A4, with the names of the columns on every page."""

    def __init__(self, page: dict[str, Any]) -> None:
        super().__init__(format="A4")
        self._page = page
        for style, path in zip(("", "B"), _font_files(), strict=True):
            self.add_font("FiraGO", style, path)
        self.set_text_shaping(use_shaping_engine=True)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.set_title(f"Statement of wallet {page['statement'].user_id}")

    def header(self) -> None:
        """What every page begins with; the first says whose statement it is."""
        found = self._page["statement"]
        if self.page_no() == 1:
            self.set_font("FiraGO", "B", 16)
            self.cell(text="Statement", new_x=XPos.LMARGIN, new_y=YPos.NEXT, h=10)
            self.set_font("FiraGO", "", 9)
            period = f"{found.start:%Y-%m-%d %H:%M:%S} to {found.end:%Y-%m-%d %H:%M:%S} UTC"
            for text in (f"Wallet {found.user_id}, {found.user_name}", period, f"Amounts in {found.currency}"):
                self.cell(text=text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, h=_LINE - 1)
            self.ln(3)
        self.row(tuple(name for name, _, _ in _COLUMNS), bold=True)

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-_MARGIN + 2)
        self.set_font("FiraGO", "", 8)
        self.cell(text=f"{self.page_no()}", align="R", w=0)

    def row(self, texts: tuple[str, ...], *, bold: bool = False) -> None:
        """One line of the table, with a rule under it. Figures are always whole; words may end in dots."""
        self.set_draw_color(200)
        for text, (_, width, align) in zip(texts, _COLUMNS, strict=True):
            self.set_font("FiraGO", "B" if bold else "", _SIZE)
            fitted = text
            if len(text) >= _SURELY_FITS and (wide := self.get_string_width(text[: _MOST_SHOWN + 1])) > width - 2:
                if align == "R":
                    self.set_font_size(_SIZE * (width - 2) / wide)
                else:
                    fitted = self._shortened(text, width - 2)
            self.cell(text=fitted, w=width, h=_LINE, align=align, border="B")
        self.ln(_LINE)

    def _shortened(self, text: str, width: float) -> str:
        text = text[:_MOST_SHOWN]  # measuring takes its time, and more never fits
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"


@cache
def _font_files() -> tuple[Path, Path]:
    """The regular and the bold font as files, which the PDF library wants, for as long as this process lives."""
    folder = Path(_folder().name)
    paths = folder / "regular.ttf", folder / "bold.ttf"
    for path, code in zip(paths, ("figo", "figbo"), strict=True):
        path.write_bytes(pymupdf_fonts.myfont(code))
    return paths


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="wallet-fonts-")
