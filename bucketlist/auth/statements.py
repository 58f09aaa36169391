"""SQL statement builders: parts that rooms make theirs of."""

from sqlalchemy import BindParameter, bindparam


def given(*names: str) -> dict[str, BindParameter[str]]:
    """Columns that take the values of the same names."""
    return {name: bindparam(name) for name in names}
