"""Setting of CORS origins, CORS_ORIGINS: as an operator writes them and as browsers send them."""

from bucketlist.kit.web_url import check_origin


def split_origins(origins: str) -> frozenset[str]:
    return frozenset(origin.strip() for origin in origins.split(",") if origin.strip())


def check_origins(origins: str) -> str:
    """A list of origins, each as browsers send it. Raises: `ValueError` for what is none."""
    return ", ".join(check_origin(origin) for origin in origins.split(",") if origin.strip())
