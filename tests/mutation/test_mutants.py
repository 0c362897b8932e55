"""The faults of a mutation run: there, each another program, and put in without a trace left."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

from mutation.grafting import graft, module_of
from mutation.kept import Kept, Results
from mutation.mutants import Mutant, mutants_of, mutated
from mutation.subjects import SUBJECTS, Subject

ROOT = Path(__file__).parents[2]
SOURCE = '''
"""What it is."""
from dataclasses import dataclass
from functools import cached_property, lru_cache

LIMIT = 10
QUERY = "SELECT a FROM b WHERE c < ? AND d = ? ORDER BY a DESC"


@dataclass(frozen=True, slots=True)
class Box:
    width: int
    height: int = 3

    @property
    def area(self) -> int:
        """How large it is: 1 + 1."""
        return self.width * self.height


class Refused(ValueError):
    def __init__(self, what: str) -> None:
        super().__init__(what)


class Shelf:
    def __init__(self, boxes: list[Box]) -> None:
        self.boxes = boxes

    @cached_property
    def widest(self) -> int:
        return max(one.width for one in self.boxes if one.height)

    @classmethod
    def empty(cls) -> "Shelf":
        return cls([])


def most(count: int = LIMIT) -> int:
    return count


@lru_cache(1)
def few(count: int = 4) -> bool:
    if not 0 < count <= LIMIT:
        raise ValueError(f"{count} of 99")
    return True
'''


def named(name: str) -> ModuleType:
    """Return the source as a module that others can import from."""
    module = ModuleType(name)
    module.__file__ = f"{name}.py"
    sys.modules[name] = module
    exec(compile(SOURCE, module.__file__, "exec"), vars(module))
    return module


def fault(place: str, before: str, after: str) -> Mutant:
    return next(
        one
        for one in mutants_of("a.py", SOURCE)
        if (one.place, one.before, one.after) == (place, before, after)
    )


def test_every_kind_of_fault_is_made_and_nothing_else_is_touched():
    found = [(one.place, one.before, one.after) for one in mutants_of("a.py", SOURCE)]
    rest, end, cut = "? ORDER BY a DESC'", "d = ? ORDER BY a DESC'", "? AND d = ? ORDER BY a "
    assert found == [
        ("(module)", "10", "11"),
        ("(module)", " b WHERE c < ? AND d = ? ORDER BY a DESC'", " b WHERE c < ? AND d = ?'"),
        ("(module)", "< ? AND d = ? ORDER BY a DESC'", "< ? AND d = ? ORDER BY a'"),
        ("(module)", f"CT a FROM b WHERE c < ? AND {end}", f"CT a FROM b WHERE c < ? OR {end}"),
        ("(module)", f"ELECT a FROM b WHERE c < {cut}", f"ELECT a FROM b WHERE c <= {cut}"),
        ("(module)", "ROM b WHERE c < ? AND d = " + rest, "ROM b WHERE c < ? AND d != " + rest),
        ("Box.area", "return self.width * self.height", "return None"),
        ("Box.area", "self.width * self.height", "self.width // self.height"),
        ("Refused.__init__", "super().__init__(what)", "pass"),
        ("Shelf.__init__", "self.boxes = boxes", "pass"),
        ("Shelf.widest", found[10][1], "return None"),
        ("Shelf.widest", found[11][1], found[11][1].replace("max", "min")),
        ("Shelf.widest", "one.height", "not one.height"),
        ("Shelf.empty", "return cls([])", "return None"),
        ("most", "return count", "return None"),
        ("few", "4", "5"),
        ("few", "not 0 < count <= LIMIT", "0 < count <= LIMIT"),
        ("few", "0 < count <= LIMIT", "0 <= count <= LIMIT"),
        ("few", "0 < count <= LIMIT", "0 >= count <= LIMIT"),
        ("few", "0 < count <= LIMIT", "0 < count < LIMIT"),
        ("few", "0 < count <= LIMIT", "0 < count > LIMIT"),
        ("few", "0", "1"),
        ("few", "raise ValueError(f'{count} of 99')", "pass"),
        ("few", "True", "False"),
    ]


def test_every_fault_of_a_real_module_is_another_program_with_a_name_of_its_own():
    for file in SUBJECTS["ack"].files(ROOT):
        source = (ROOT / file).read_text()
        faults = mutants_of(file, source)
        assert len({one.key for one in faults}) == len(faults) > 50
        programs = set()
        for one in faults:
            tree, _ = mutated(source, one)
            compile(tree, file, "exec")
            programs.add(ast.unparse(tree))
        assert len(programs) == len(faults)
        assert ast.unparse(ast.parse(source)) not in programs


def test_a_fault_is_in_the_code_of_whoever_holds_the_function_already():
    module = named("shelf_with_faults")
    box, shelf, few = module.Box(6), module.Shelf([module.Box(1), module.Box(2)]), module.few
    assert few()
    graft(
        module, SOURCE, fault("Box.area", "self.width * self.height", "self.width // self.height")
    )
    assert box.area == 2
    widest = "max((one.width for one in self.boxes if one.height))"
    graft(module, SOURCE, fault("Shelf.widest", widest, widest.replace("max", "min")))
    assert shelf.widest == 1
    graft(module, SOURCE, fault("Shelf.empty", "return cls([])", "return None"))
    assert module.Shelf.empty() is None
    graft(module, SOURCE, fault("few", "True", "False"))
    assert not few()  # though it had remembered another answer
    graft(module, SOURCE, fault("Refused.__init__", "super().__init__(what)", "pass"))
    assert str(module.Refused("too wide")) == "too wide"  # an exception is told by __new__ as well
    del sys.modules[module.__name__]


def test_a_default_and_a_value_of_a_module_are_changed_wherever_they_are_held():
    module, other = named("limits_with_faults"), ModuleType("who_imported_the_limit")
    other.LIMIT = module.LIMIT  # type: ignore[attr-defined]
    sys.modules[other.__name__] = other
    graft(module, SOURCE, fault("(module)", "10", "11"))
    assert module.LIMIT == other.LIMIT == 11  # type: ignore[attr-defined]
    assert module.few(11)
    assert module.most() == 11
    graft(module, SOURCE, fault("few", "4", "5"))
    assert module.few.__wrapped__.__defaults__ == (5,)
    del sys.modules[module.__name__], sys.modules[other.__name__]


def test_a_file_is_imported_by_its_name():
    assert module_of("node/src/heatward_node/control.py") == "heatward_node.control"


def test_what_became_of_a_fault_is_known_until_module_or_test_read_otherwise(tmp_path: Path):
    (tmp_path / "test_a.py").write_text("def test_one(): assert few()\n\n\ndef test_two(): pass\n")
    subject, results = Subject(("a.py",), ("test_a.py",)), tmp_path / "kept" / "a.jsonl"
    killed, survived = mutants_of("a.py", SOURCE)[:2]
    kept = Kept(tmp_path, subject, {"a.py": SOURCE})
    Results(results).add(killed, kept, "killed", "test_a.py::test_one[2]")
    Results(results).add(survived, kept, "survived", "")
    with results.open("a") as file:
        file.write('{"key": "cut')  # the run was ended while it wrote

    def known(source: str) -> list[bool]:
        now = Kept(tmp_path, subject, {"a.py": source})
        return [Results(results).holds(one, now) for one in (killed, survived)]

    assert known(SOURCE) == [True, True]
    assert known(SOURCE + "\n# a remark\n") == [True, True]
    assert known(SOURCE.replace("99", "98")) == [False, False]
    with (tmp_path / "test_a.py").open("a") as file:
        file.write("\n\ndef test_three(): pass\n")
    assert known(SOURCE) == [True, False]  # a new test may notice what no other did
    (tmp_path / "test_a.py").write_text("def test_one(): pass\n")
    assert known(SOURCE) == [False, False]
