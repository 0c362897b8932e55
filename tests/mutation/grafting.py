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
        for name in _set_values(module, statement, file):
            _renew_defaults(module, tree, name)
        return
    code = _code_in(compile(tree, file, "exec"), mutant.place)
    function = _function(module, mutant.place)
    if code.co_freevars != function.__code__.co_freevars:  # a super() that is left out
        _definition(tree, mutant.place).body.append(ast.parse("if False: __class__").body[0])
        code = _code_in(compile(tree, file, "exec"), mutant.place)
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


def _definition(tree: ast.Module, place: str) -> ast.FunctionDef:
    body: list[ast.stmt] = tree.body
    for name in place.split("."):
        found = next(one for one in body if getattr(one, "name", None) == name)
        body = found.body  # type: ignore[attr-defined]
    assert isinstance(found, ast.FunctionDef)
    return found


def _defaults(module: ModuleType, tree: ast.Module, place: str) -> tuple[Any, ...]:
    return tuple(
        eval(compile(ast.Expression(one), "default", "eval"), vars(module))
        for one in _definition(tree, place).args.defaults
    )


def _set_values(module: ModuleType, statement: ast.stmt, file: str) -> list[str]:
    """Carry out an assignment anew, and give its new values to who imported the old ones."""
    before = dict(vars(module))
    exec(compile(ast.Module([statement], []), file, "exec"), vars(module))
    changed = [name for name, value in vars(module).items() if before.get(name) is not value]
    for name in changed:
        for other in list(sys.modules.values()):
            if other is not None and vars(other).get(name, module) is before.get(name):
                setattr(other, name, vars(module)[name])
    return changed


def _renew_defaults(module: ModuleType, tree: ast.Module, name: str) -> None:
    """Let the defaults of arguments that say a name have its new value."""
    functions = [("", one) for one in tree.body]
    functions += [
        (f"{one.name}.", two)
        for one in tree.body
        if isinstance(one, ast.ClassDef)
        for two in one.body
    ]
    for scope, one in functions:
        if isinstance(one, ast.FunctionDef) and any(
            isinstance(said, ast.Name) and said.id == name
            for default in one.args.defaults
            for said in ast.walk(default)
        ):
            place = f"{scope}{one.name}"
            _function(module, place).__defaults__ = _defaults(module, tree, place)
