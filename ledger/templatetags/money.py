"""Money on pages for people."""

from decimal import Decimal

from django import template

from ledger.money import for_people

register = template.Library()


@register.simple_tag
def money(amount: Decimal, currency: str) -> str:
    """`amount` with its currency, as a person reads it: 1,234.50 INR."""
    return for_people(amount, currency)
