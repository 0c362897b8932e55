"""Small faults, one at a time: every place of a module where one can be made, and the making.

A fault is a comparison at its boundary or turned round, ``and`` for ``or``, another sign, a number
that is one more, a condition turned round, a statement or an answer left out, the other end of
``min`` and ``max``, an order that is not kept; and the like within a statement of SQL.

What is not touched: texts for people, annotations, decorators, imports and the fields of classes.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MODULE = "(module)"
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_OTHER_NAME = {
    **{"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum"},
    **{"maximum": "minimum", "sorted": "list", "reversed": "list"},
}
_IS_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|WHERE|ORDER BY|BEGIN)\b")
_SQL = (
    (re.compile(r" ORDER BY \w+( DESC)?(, \w+( DESC)?)*"), ""),
    (re.compile(r" DESC\b"), ""),
    (re.compile(r" OR (IGNORE|REPLACE)"), ""),
    (re.compile(r"(?<!BETWEEN \?) AND "), " OR "),
    (re.compile(r" OR (?!IGNORE|REPLACE)"), " AND "),
    (re.compile(r" >= "), " > "),
    (re.compile(r" > "), " >= "),
    (re.compile(r" <= "), " < "),
    (re.compile(r" < "), " <= "),
    (re.compile(r" (?<!journal_mode )= (?!FULL|WAL|DELETE|excluded)"), " != "),
    (re.compile(r" = FULL"), " = OFF"),
    (re.compile(r" IS NULL"), " IS NOT NULL"),
    (re.compile(r"\bDISTINCT "), ""),
)
_AROUND = 24
Change = Callable[[], ast.AST]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: where it is, and what it makes of what."""

    file: str
    place: str
    """Qualified name of the function or method; ``(module)`` outside of any."""
    is_default: bool
    """Whether it lies in the default of an argument, which no code of the function holds."""
    line: int
    end: int
    """Of the innermost statement."""
    before: str
    after: str
    number: int
    """Among those of the place that read the same."""
    node: int
    change: int

    @property
    def key(self) -> str:
        """What it is called wherever its lines may move to."""
        return f"{self.file}: {self.place}: {self.before} -> {self.after} #{self.number}"


@dataclass(frozen=True, slots=True)
class _Spot:
    parent: ast.AST
    field: str
    at: int | None
    node: ast.AST
    place: str
    is_default: bool
    statement: ast.stmt

    def put(self, new: ast.AST) -> None:
        if self.at is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.at] = new
        ast.fix_missing_locations(ast.copy_location(new, self.node))


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Return every fault that can be put into a module, in the order of its lines."""
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for number, spot in enumerate(_spots(ast.parse(source))):
        for change, make in enumerate(_changes(spot)):
            before, after = _difference(spot.node, make())
            seen[spot.place, before, after] += 1
            last = spot.statement
            end = last.lineno if _is_compound(last) else (last.end_lineno or last.lineno)
            found.append(
                Mutant(
                    file,
                    spot.place,
                    spot.is_default,
                    last.lineno,
                    max(end, getattr(spot.node, "end_lineno", 0)),
                    before,
                    after,
                    seen[spot.place, before, after],
                    number,
                    change,
                )
            )
    return found


def mutated(source: str, mutant: Mutant) -> tuple[ast.Module, ast.stmt]:
    """Return a module with a fault in it, and its statement that has it."""
    tree = ast.parse(source)
    spot = next(spot for number, spot in enumerate(_spots(tree)) if number == mutant.node)
    new = list(_changes(spot))[mutant.change]()
    spot.put(new)
    inside = spot.statement if spot.statement is not spot.node else new
    assert isinstance(inside, ast.stmt)
    return tree, inside


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


def _difference(before: ast.AST, after: ast.AST) -> tuple[str, str]:
    """Return how a fault reads; of a long statement of SQL only what is around it."""
    one, other = _text(before), _text(after)
    if not isinstance(before, ast.Constant) or len(one) <= 2 * _AROUND:
        return one, other
    least = min(len(one), len(other))
    start = next((at for at in range(least) if one[at] != other[at]), least)
    end = next(at for at in range(1, least + 1) if one[-at] != other[-at]) - 1
    end = min(end, least - start)
    low, high = max(0, start - _AROUND), max(0, end - _AROUND)
    return one[low : len(one) - high], other[low : len(other) - high]


def _is_compound(statement: ast.stmt) -> bool:
    return isinstance(getattr(statement, "body", None), list)


def _spots(tree: ast.Module) -> Iterator[_Spot]:
    for at, statement in enumerate(tree.body):
        yield from _walk(_Spot(tree, "body", at, statement, MODULE, False, statement), "")


def _walk(spot: _Spot, scope: str) -> Iterator[_Spot]:
    node = spot.node
    if isinstance(node, ast.Import | ast.ImportFrom) or _is_declaration(node):
        return
    yield spot
    place, is_default = spot.place, spot.is_default
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and place == MODULE:
        scope = f"{scope}.{node.name}".lstrip(".")
        place = scope if isinstance(node, ast.FunctionDef) else MODULE
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for at, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST):
                continue
            default = is_default or (isinstance(node, ast.arguments) and "defaults" in field)
            inside = child if isinstance(child, ast.stmt) else spot.statement
            if isinstance(node, ast.ClassDef) and not isinstance(child, ast.FunctionDef):
                continue
            yield from _walk(_Spot(node, field, at, child, place, default, inside), scope)


def _is_declaration(node: ast.AST) -> bool:
    """Say whether something is a docstring, or the list of what a module gives."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and _text(node.test) == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Assign) and _text(node.targets[0]) == "__all__"


def _changes(spot: _Spot) -> Iterator[Change]:
    node = spot.node
    if isinstance(node, ast.expr):
        yield from _of_expression(node)
    if _is_condition(spot) and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield lambda: ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.stmt) and spot.place != MODULE:
        yield from _of_statement(node)


def _is_condition(spot: _Spot) -> bool:
    if isinstance(spot.parent, ast.comprehension):
        return spot.field == "ifs"
    return spot.field == "test"


def _of_expression(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for other in _COMPARED[type(operator)]:
                ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                yield lambda ops=ops: ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda: ast.BoolOp(other(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield lambda: node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _REPLACED:
        yield lambda: ast.BinOp(node.left, _REPLACED[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant):
        for value in _other_values(node.value):
            yield lambda value=value: ast.Constant(value)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = node.func
    if isinstance(name, ast.Name) and name.id in _OTHER_NAME:
        other = ast.Name(_OTHER_NAME[name.id], ast.Load())
        yield lambda: ast.Call(other, node.args, node.keywords)
    elif isinstance(name, ast.Attribute) and name.attr in _OTHER_NAME:
        method = ast.Attribute(name.value, _OTHER_NAME[name.attr], ast.Load())
        yield lambda: ast.Call(method, node.args, node.keywords)


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    if isinstance(node, ast.AugAssign) and type(node.op) in _REPLACED:
        yield lambda: ast.AugAssign(node.target, _REPLACED[type(node.op)](), node.value)
    if isinstance(node, ast.Return) and node.value is not None:
        if not isinstance(node.value, ast.Constant) or type(node.value.value) not in _PLAIN:
            yield lambda: ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Assign):
        if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            yield ast.Pass
    elif isinstance(
        node,
        ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete | ast.Return,
    ):
        yield ast.Pass


_PLAIN = (bool, type(None))


def _other_values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, float):
        yield value * 2 or 1.0
    elif isinstance(value, str) and _IS_SQL.search(value):
        for pattern, other in _SQL:
            for match in pattern.finditer(value):
                yield value[: match.start()] + other + value[match.end() :]
