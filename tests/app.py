"""The function app's functions, which the library lets a process index only once."""

from functools import cache
from typing import Any

import function_app


@cache
def functions_by_name() -> dict[str, Any]:
    """The functions by the names that they have in Azure."""
    return {item.get_function_name(): item for item in function_app.app.get_functions()}
