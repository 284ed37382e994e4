"""Rules that no type and no linter holds."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern

from wallet_project.urls import urlpatterns

APPS = ("accounts", "ledger", "wallets", "wallet_project")
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]


SOURCES = [path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_arithmetic_with_f_outside_of_a_constraint(path: Path) -> None:
    """F("balance") - Decimal(1) takes off 0.0001 on SQLite: balances are computed under the lock, and written whole."""
    tree = ast.parse(path.read_text())
    in_constraints = {
        id(node)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "CheckConstraint"
        for node in ast.walk(call)
    }
    arithmetic = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and id(node) not in in_constraints
        for side in (node.left, node.right)
        if isinstance(side, ast.Call) and getattr(side.func, "id", getattr(side.func, "attr", "")) == "F"
    ]
    assert not arithmetic, f"{path}: arithmetic with F() in lines {arithmetic}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_money_is_added_up_by_its_own_sum(path: Path) -> None:
    """Sum() of money overflows on SQLite, in 64 bits: MoneySum does not."""
    imported = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "Sum" for alias in node.names)
    ]
    assert not imported, f"{path}: Sum imported in line {imported}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_every_module_says_its_idea_in_its_first_lines(path: Path) -> None:
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} does not say what it is for"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_money_is_a_float_and_no_history_goes_with_its_owner(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        assert not isinstance(field, (models.FloatField, models.DecimalField)), f"{field}: use MoneyField"
        if isinstance(field, models.ForeignKey):
            assert field.remote_field.on_delete is models.PROTECT, f"{field}: deleting the one must not take the other"


def test_no_path_of_the_api_ends_in_a_slash() -> None:
    paths = [str(route.pattern) for route in urlpatterns if isinstance(route, URLPattern)]
    assert len(paths) > 8
    assert not [path for path in paths if path.endswith("/")]


def test_no_signal_touches_money() -> None:
    from django.db.models import signals

    for signal in (signals.pre_save, signals.post_save, signals.pre_delete, signals.post_delete):
        modules = [str(getattr(receiver(), "__module__", "")) for _, receiver, *_ in signal.receivers]
        assert not {module for module in modules if module.split(".")[0] in APPS}
