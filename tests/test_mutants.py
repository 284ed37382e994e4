"""Each mutant of `make mutants` still finds the guard that it takes out."""

import re

from tests.mutants import MUTANTS, ROOT


def test_every_guard_is_where_its_mutant_looks_for_it() -> None:
    lost = [
        f"{each.name}: {edit.pattern} is not in {edit.path}"
        for each in MUTANTS
        for edit in each.edits
        if not re.search(edit.pattern, (ROOT / edit.path).read_text(), re.MULTILINE)
    ]
    assert not lost
