"""What every contract is made of: kinds of column, the form of a code, columns in fixed order."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

Text = Series[str]
Number = Series[float]
Count = Series[pd.Int64Dtype]
Date = Series["datetime64[us]"]  # type: ignore[name-defined]
Flag = Series[bool]

CODE = r"^[0-9A-Za-z_-]{1,40}\Z"
CODES = r"^[0-9A-Za-z_-]{1,40}(;[0-9A-Za-z_-]{1,40})*\Z"


def optional(**checks: Any) -> Any:
    """Declare a column whose values may be missing: what is not known is missing, never 0."""
    return pa.Field(nullable=True, **checks)


class Table(pa.DataFrameModel):
    """A table held to its columns exactly: these, in this order, of these types."""

    class Config:
        """Strict about columns, order and types; nothing is converted."""

        strict = True
        ordered = True
        coerce = False
