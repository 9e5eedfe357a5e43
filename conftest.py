"""Collects notebooks as tests, wherever pytest is asked from: tests/notebook_items.py says how."""

import sys

# Nothing here checks IRIs, and the parser of the one validator for them costs a second of CPU. This
# stands before the plugin below brings in the package, and with it jsonschema.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

pytest_plugins = ["notebook_items"]
