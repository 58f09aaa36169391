"""Secrets that an operator chose: which are too weak to serve with."""

TOKEN_LENGTH = 32
SECRET_KEY_BYTES = 32
SAMPLES = ("change", "secret", "example", "default", "password", "placeholder", "insecure", "your-", "xxxx", "test")
PUBLISHED = (  # in tutorials, and therefore known to everybody
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
)


def refuse_weak_secret(secret: str) -> None:
    """Raises: `ValueError` for a secret that is short, a known sample, or has next to no variety."""
    if len(secret.encode()) < SECRET_KEY_BYTES:
        raise ValueError(f"SECRET_KEY is too short; it takes at least {SECRET_KEY_BYTES} bytes")
    if secret in PUBLISHED or any(word in secret.lower() for word in SAMPLES):
        raise ValueError("SECRET_KEY looks like a sample; make one of your own")
    if len(set(secret)) < 8 or secret in (secret + secret)[1:-1]:
        raise ValueError("SECRET_KEY repeats itself; make one at random")


def check_token(token: str) -> str:
    """Raises: `ValueError` for a bearer token that is short, or cannot stand in a header; none at all is fine."""
    if token and len(token) < TOKEN_LENGTH:
        raise ValueError(f"is too short; it takes at least {TOKEN_LENGTH} characters")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ValueError("takes visible ASCII characters only, as it stands in a header")
    return token
