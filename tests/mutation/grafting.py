"""Putting a fault into a module that is loaded already: new code for its functions, new values.

Functions keep who they are, so that whoever imported them by name has the fault too.
"""

from __future__ import annotations

import ast
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mutation import mutants
from mutation.mutants import Mutant


def graft(module: ModuleType, source: str, mutant: Mutant) -> None:
    """Put a fault into a loaded module."""
    tree, statement = mutants.mutated(source, mutant)
    file = str(module.__file__)
    if mutant.place == mutants.MODULE:
        _set_values(module, statement, file)
        return
    code = _code_in(compile(tree, file, "exec"), mutant.place)
    function = _function(module, mutant.place)
    if mutant.is_default:
        function.__defaults__ = _defaults(module, tree, mutant.place)
        return
    function.__code__ = code


def module_of(path: str) -> str:
    """Return the name under which a file of the repository is imported."""
    return path.removesuffix(".py").partition("/src/")[2].replace("/", ".")


def _function(module: ModuleType, place: str) -> FunctionType:
    found: Any = module
    for name in place.split("."):
        found = vars(found)[name]
    for inner in ("fget", "func", "__func__", "__wrapped__"):
        if not isinstance(found, FunctionType):
            if hasattr(found, "cache_clear"):
                found.cache_clear()
            found = getattr(found, inner, found)
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    assert isinstance(found, FunctionType), place
    return found


def _code_in(code: CodeType, place: str) -> CodeType:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_qualname == place:
                return inner
            if place.startswith(f"{inner.co_qualname}."):
                return _code_in(inner, place)
    raise LookupError(place)


def _defaults(module: ModuleType, tree: ast.Module, place: str) -> tuple[Any, ...]:
    body: list[ast.stmt] = tree.body
    for name in place.split("."):
        found = next(one for one in body if getattr(one, "name", None) == name)
        body = found.body  # type: ignore[attr-defined]
    assert isinstance(found, ast.FunctionDef)
    return tuple(
        eval(compile(ast.Expression(one), "default", "eval"), vars(module))
        for one in found.args.defaults
    )


def _set_values(module: ModuleType, statement: ast.stmt, file: str) -> None:
    """Carry out an assignment anew, and give its new values to who imported the old ones."""
    before = dict(vars(module))
    exec(compile(ast.Module([statement], []), file, "exec"), vars(module))
    for name, value in list(vars(module).items()):
        old = before.get(name)
        if old is not value:
            for other in list(sys.modules.values()):
                if other is not None and vars(other).get(name, module) is old:
                    setattr(other, name, value)
