"""Charts: what is drawn is what the figures say, and the figures are there as a table too."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ledger.charts import HEIGHT, WIDTH, balance_over_time, columns, in_and_out

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_columns_are_as_high_as_their_part_of_the_highest() -> None:
    chart = columns("A title", [("12:00", 5), ("12:01", 0), ("12:02", 10)], of="operations")
    assert [bar.height for bar in chart.bars] == [HEIGHT / 2, 0, HEIGHT]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars), "they stand on the ground"
    assert [bar.says for bar in chart.bars] == ["12:00: 5 operations", "12:01: 0 operations", "12:02: 10 operations"]
    assert chart.bars[2].x + chart.bars[2].width < WIDTH
    assert (chart.high, chart.low, chart.first, chart.last) == ("10", "0", "12:00", "12:02")
    assert chart.rows == [("12:00", "5"), ("12:01", "0"), ("12:02", "10")]
    assert chart.summary == "A title: 15 operations in all, at most 10 at once"


def test_money_in_goes_up_and_money_out_goes_down_on_one_scale() -> None:
    chart = in_and_out("Days", [("4 May", Decimal(1000), Decimal(500)), ("5 May", Decimal(0), Decimal(2000))], "INR")
    came, went, nothing, most = chart.bars
    assert (came.colour, came.height, came.y + came.height) == ("in", 50, chart.zero)
    assert (went.colour, went.height, went.y) == ("out", 25, chart.zero)
    assert (nothing.height, most.height, most.y) == (0, 100, chart.zero)
    assert most.says == "5 May: 2,000.00 out"
    assert (chart.high, chart.low) == ("2k in", "2k out")
    assert chart.rows == [("4 May", "1,000.00", "500.00"), ("5 May", "0.00", "2,000.00")]
    assert chart.summary == "Days: 1,000.00 in and 2,500.00 out in all, INR"


def test_a_balance_stays_until_the_next_transaction() -> None:
    points = [(NOON, Decimal(100)), (NOON + timedelta(hours=1), Decimal(-100)), (NOON + timedelta(hours=2), Decimal(0))]
    chart = balance_over_time("Balance", points, NOON + timedelta(hours=4), "INR")
    assert chart.line == "0.0,0.0 250.0,0.0 250.0,200.0 500.0,200.0 500.0,100.0 1000,100.0"
    assert (chart.high, chart.low, chart.zero) == ("100", "-100", 100.0)
    assert chart.rows[1] == ("2026-05-04 13:00:00", "-100.00")


def test_nothing_at_all_can_be_drawn_too() -> None:
    assert columns("None", [], of="operations").bars == []
    assert columns("None", [("12:00", 0)], of="operations").bars[0].height == 0
    assert (
        in_and_out("None", [("4 May", Decimal(0), Decimal(0))], "INR").summary
        == "None: 0.00 in and 0.00 out in all, INR"
    )
    flat = balance_over_time("Flat", [(NOON, Decimal(0))], NOON, "INR")
    assert flat.line == "0.0,0.0 1000,0.0"


def test_large_amounts_are_short_on_the_edge_and_whole_in_the_table() -> None:
    chart = in_and_out("Days", [("4 May", Decimal("1234567.89"), Decimal(0))], "INR")
    assert chart.high == "1.23M in"
    assert chart.rows == [("4 May", "1,234,567.89", "0.00")]
