"""Secret strength (entropy): which secrets that an operator chose are too weak to serve with.

What is guessed first is a sample out of a page, a pattern, a run of the keyboard, or words. A random key has none of
it: of a hundred thousand nine are refused by mistake, for a short word in them, and the sentence says to make
another.
"""

import math
import string
from collections import Counter

TOKEN_LENGTH = 32
SECRET_KEY_BYTES = 32
LEAST_BITS = 128  # that so many characters of such kinds can hold
LEAST_DIFFERENT = 8
PIECE = 4  # characters; of a random key hardly a piece comes twice
LONGEST_STRIDE = 4  # a1b2c3d4 is two runs, one within the other
SAMPLES = (
    *(
        "change",
        "secret",
        "example",
        "default",
        "password",
        "placeholder",
        "insecure",
        "your-",
        "your_",
        "xxxx",
        "test",
    ),
    *("replace", "sample", "dummy", "foobar", "letmein", "admin", "qwerty", "my-key", "my_key", "mykey", "yourkey"),
    *("bucketlist", "production", "development", "deadbeef", "123456", "abcdef", "keyboard", "passphrase"),
)
LOOK_ALIKE = str.maketrans("013457@$!", "oieastasi")
PUBLISHED = (  # in tutorials, and therefore known to everybody
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
)
KEYBOARD = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    string.digits,
)
NEIGHBOURS = {row[place : place + 2] for key in KEYBOARD for row in (key, key[::-1]) for place in range(len(key) - 1)}
COMMON_PAIRS = (  # of letters in English: more than half of all there are in a text
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri",
    "ro ic ne ea ra ce li ch ll be ma si om ur ow ry ey ke lo wo rd fo ow wn um ps la do go av",
)
SHARE_OF_WORDS = 0.43  # of all pairs of letters, that are common; of random letters it is 0.12
KINDS = (string.digits, "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ", string.punctuation)


def refuse_weak_secret(secret: str) -> None:
    """Raises: `ValueError` for a secret that is short, a known sample, a pattern, or has next to no variety."""
    if len(secret.encode()) < SECRET_KEY_BYTES:
        raise ValueError(f"SECRET_KEY is too short; it takes at least {SECRET_KEY_BYTES} bytes")
    if secret.lower() in PUBLISHED or _is_sample(secret.lower()):
        raise ValueError("SECRET_KEY looks like a sample; make one of your own")
    if _repeats_itself(secret):
        raise ValueError("SECRET_KEY repeats itself; make one at random")
    if any(_is_run(secret.lower(), stride) for stride in range(1, LONGEST_STRIDE + 1)):
        raise ValueError("SECRET_KEY is a run of letters, digits or keys; make one at random")
    if _is_words(secret.lower()):
        raise ValueError("SECRET_KEY is made of words; make one at random")
    if len(secret) * math.log2(_alphabet(secret)) < LEAST_BITS:
        raise ValueError("SECRET_KEY has too little variety for its length; make one at random")


def check_token(token: str) -> str:
    """Raises: `ValueError` for a bearer token that is short, or cannot stand in a header; none at all is fine."""
    if token and len(token) < TOKEN_LENGTH:
        raise ValueError(f"is too short; it takes at least {TOKEN_LENGTH} characters")
    if token and (_repeats_itself(token) or _is_run(token.lower(), 1)):
        raise ValueError("is one character or pattern again and again; make one at random")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ValueError("takes visible ASCII characters only, as it stands in a header")
    return token


def _is_sample(secret: str) -> bool:
    """Does it hold a word of samples, perhaps with digits for letters that look alike?"""
    disguised = secret.translate(LOOK_ALIKE)
    return any(word in secret or (len(word) > 5 and word in disguised) for word in SAMPLES)


def _repeats_itself(secret: str) -> bool:
    """Is a third of its pieces there twice, as of any pattern that comes again, or has it hardly any characters?"""
    pieces = [secret[place : place + PIECE] for place in range(len(secret) - PIECE + 1)]
    is_mirrored = secret == secret[::-1]
    return len(set(secret)) < LEAST_DIFFERENT or len(set(pieces)) < len(pieces) * 2 / 3 or is_mirrored


def _is_run(secret: str, stride: int) -> bool:
    """Do most characters follow from the one `stride` before: itself, its neighbour, or ever so many further on?"""
    pairs = list(zip(secret, secret[stride:], strict=False))
    steps = [ord(after) - ord(before) for before, after in pairs]
    near = sum(
        abs(step) <= 1 or before + after in NEIGHBOURS for step, (before, after) in zip(steps, pairs, strict=True)
    )
    return max(near, Counter(steps).most_common(1)[0][1]) >= len(pairs) * 3 / 5


def _is_words(secret: str) -> bool:
    """Is it letters above all, and are as many pairs of them common ones as only words have?"""
    common = set(" ".join(COMMON_PAIRS).split())
    pairs = [secret[place : place + 2] for place in range(len(secret) - 1)]
    letters = [pair for pair in pairs if pair.isalpha()]
    return len(letters) > len(pairs) / 2 and sum(pair in common for pair in letters) > len(letters) * SHARE_OF_WORDS


def _alphabet(secret: str) -> int:
    """How many characters there are of the kinds that it is made of."""
    others = {letter for letter in secret if not any(letter in kind for kind in KINDS)}
    return max(2, sum(len(kind) for kind in KINDS if set(kind) & set(secret)) + len(others))
