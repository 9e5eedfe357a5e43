"""Runs a tool for notebooks, as `python -m` would, without the second that its start wastes.

Git starts one for each notebook it looks at. Every tool reads notebooks through jsonschema, which
loads a grammar of web addresses that no notebook asks for.
"""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    """Run the module that the first argument names with the arguments after it."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
