"""The python adapter: a product that is a Python object in an importable module.

The object answers some of the methods of ``Product``; what it lacks counts as not offered. Its answers are
checked against the contract as those of a wire would be.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from conformance.core.errors import SegurError
from conformance.core.language import Text
from conformance.sut import errors
from conformance.sut.base import Adapter, Call
from conformance.sut.codec import NotInContract, checked
from conformance.sut.time_limit import within


def load(target: str, beside: Path | None = None) -> object:
    """The object that ``package.module:object`` names; a class is made into an instance.

    The module is one that Python finds, or lies in the folder ``beside`` (that of ``segur.toml``).
    Raises ``UsageError`` when it cannot be found.
    """
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise errors.bad_configuration(
            Text(f"« {target} » n’est pas de la forme module:objet", f"“{target}” is not of the form module:object")
        )
    if beside is not None and str(beside) not in sys.path:
        sys.path.append(str(beside))  # last: a file there must not hide a module of the environment
    try:
        found: object = getattr(importlib.import_module(module_name), attribute)
        return found() if isinstance(found, type) else found
    except Exception as error:  # importing a vendor's module may raise anything; all of it is configuration
        raise errors.bad_configuration(
            Text(
                f"« {target} » ne se charge pas ({type(error).__name__} : {error})",
                f"“{target}” cannot be loaded ({type(error).__name__}: {error})",
            )
        ) from error


class PythonProduct(Adapter):
    """A product behind a Python object; ``timeout`` bounds each operation in seconds."""

    def __init__(self, target: object, timeout: float = 30.0) -> None:
        self._target = target
        self._timeout = timeout

    def call(self, call: Call) -> Any:
        """Call one method within its time, and check what it gives."""
        name, shape = call.operation.name, call.operation.response
        try:
            method = getattr(self._target, name, None)
        except Exception as error:  # an object may compute its attributes
            raise errors.failed(name, f"{type(error).__name__}: {error}") from error
        if method is None:
            raise errors.not_offered(name)
        arguments = (*call.parts.values(), *([] if call.body is None else [call.body]), *call.query.values())
        try:
            given = within(self._timeout, lambda: method(*arguments))
        except TimeoutError as error:
            raise errors.too_slow(name, self._timeout) from error
        except SegurError:
            raise
        except NotImplementedError as error:
            raise errors.not_offered(name) from error
        except BaseException as error:  # whatever the product raises, SystemExit included, is its failure
            if isinstance(error, KeyboardInterrupt):
                raise
            raise errors.failed(name, f"{type(error).__name__}: {error}") from error
        if shape is None:
            return None
        if shape is bytes:
            if not isinstance(given, bytes) or not given:
                seen = repr(given)[:40]
                raise errors.garbage(
                    name, Text(f"des octets (bytes) sont attendus, pas {seen}", f"bytes are expected, not {seen}")
                )
            return given
        try:
            return checked(given, shape)
        except NotInContract as error:
            raise errors.garbage(name, error.why) from error
