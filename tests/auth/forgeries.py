"""Forged access tokens: what somebody might send in the place of a genuine one, each with what is wrong with it."""

import base64
import hashlib
import hmac
import json
from typing import Any

from bucketlist.auth.actor import Actor
from bucketlist.kit.ids import new_id

HEADER: dict[str, Any] = {"alg": "HS256", "typ": "at+jwt"}
HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "absent"})()  # the same name in every process that collects
PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"

Forgeries = dict[str, str]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Forger:
    """Knows the claims of a living session and, at worst, the key."""

    def __init__(self, actor: Actor, key: bytes, now: int) -> None:
        self.key, self.now = key, now
        self.claims: dict[str, Any] = {
            "iss": "bucketlist",
            "aud": "bucketlist",
            "sub": actor.user_id,
            "sid": actor.session_id,
            "jti": actor.token_id,
            "iat": now,
            "exp": now + 900,
        }
        self.genuine = self.token()

    def sign(self, header: Any, payload: bytes, key: bytes | None = None, digest: str = "sha256") -> str:
        """A token whose signature is right for `key`, whatever its header says."""
        signed = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
        return f"{signed}.{encode(hmac.digest(key or self.key, signed.encode(), digest))}"

    def token(self, *, header: dict[str, Any] | None = None, key: bytes | None = None, **claims: Any) -> str:
        """As the service would issue it, but for `header` and `claims`; a name with `ABSENT` is left out."""
        headers = {name: value for name, value in (HEADER | (header or {})).items() if value is not ABSENT}
        payload = {name: value for name, value in (self.claims | claims).items() if value is not ABSENT}
        return self.sign(headers, json.dumps(payload).encode(), key, HASHES.get(str(headers.get("alg")), "sha256"))

    def all(self) -> Forgeries:
        return {
            **self.algorithms(),
            **self.keys(),
            **self.claims_missing(),
            **self.claims_wrong(),
            **self.times(),
            **self.payloads(),
            **self.signatures(),
            **self.shapes(),
        }

    def algorithms(self) -> Forgeries:
        unsigned = {
            f"alg {alg!r}, no signature": self.token(header={"alg": alg}).rpartition(".")[0] + "."
            for alg in ("none", "None", "nOnE", "NONE", "")
        }
        others = ("HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256", "none", ABSENT, None, ["HS256"], 256)
        return unsigned | {f"alg {alg!r}, signed with the key": self.token(header={"alg": alg}) for alg in others}

    def keys(self) -> Forgeries:
        """Signed with a key of the forger's own, which the header offers."""
        own = b"a key that the forger has made, of 32 bytes"
        jwk = {"kty": "oct", "k": encode(own), "alg": "HS256"}
        offers: dict[str, dict[str, Any]] = {
            "jwk": {"jwk": jwk},
            "jku": {"jku": "https://example.org/keys.json"},
            "x5u": {"x5u": "https://example.org/cert.pem"},
            "x5c": {"x5c": [encode(own)]},
            "kid of a file": {"kid": "../../../../dev/null"},
            "kid with SQL": {"kid": "x' UNION SELECT 'key'--"},
            "kid of a list": {"kid": ["a"]},
            "kid": {"kid": "1"},
        }
        return {
            **{f"own key, {name}": self.token(header=offer, key=own) for name, offer in offers.items()},
            "own key": self.token(key=own),
            "the key of nothing": self.token(key=b"\0" * 32),
            "an RSA public key as the secret": self.token(key=PUBLIC_KEY),
            "an RSA public key and RS256": self.token(header={"alg": "RS256"}, key=PUBLIC_KEY),
            "a critical extension": self.token(header={"crit": ["lives-for-ever"], "lives-for-ever": True}),
            "b64 is false": self.token(header={"crit": ["b64"], "b64": False}),
            **{
                f"typ {typ!r}": self.token(header={"typ": typ})
                for typ in (ABSENT, None, "JWT", "at+JWT ", "rt+jwt", "application/at+jwt", ["at+jwt"])
            },
        }

    def claims_missing(self) -> Forgeries:
        return {f"without {name}": self.token(**{name: ABSENT}) for name in self.claims} | {
            f"{name} is null": self.token(**{name: None}) for name in self.claims
        }

    def claims_wrong(self) -> Forgeries:
        ours = self.claims["sub"]
        wrong: dict[str, list[Any]] = {
            "iss": ["bucketlist.example.com", "Bucketlist", "", ["bucketlist"], 1],
            "aud": ["somebody-else", ["bucketlist"], ["bucketlist", "x"], [], "", {"bucketlist": 1}],
            "sub": ["", "ada@example.com", ours.upper(), ours + "\n", f"{{{ours}}}", 1, [ours], "' OR 1=1 --"],
            "sid": ["", "1", 1, True, [self.claims["sid"]], "00000000-0000-0000-0000-000000000000"],
            "jti": ["", "x", 7, False, {}],
            "nbf": [self.now + 3600, "soon", float("inf")],
        }
        return {f"{name} is {value!r}": self.token(**{name: value}) for name in wrong for value in wrong[name]}

    def times(self) -> Forgeries:
        now = self.now
        expiries = [now - 1, now, now - 31, 0, -1, -(2**63), 1e300, float("nan"), float("inf"), 2**63, 10**400]
        odd = [str(now + 900), True, False, now + 900.5, [now + 900], {}, "", "never"]
        issues = [now + 31, now + 3600, str(now), float("nan"), float("-inf"), True, -1, now + 0.5, [now], "now"]
        return {
            **{f"exp is {str(value)[:30]!r}": self.token(exp=value) for value in expiries + odd},
            **{f"iat is {value!r}": self.token(iat=value) for value in issues},
            "lives a second too long": self.token(exp=now + 901),
            "lives a day": self.token(exp=now + 86400),
            "lives too long from an early start": self.token(iat=now - 30),
        }

    def payloads(self) -> Forgeries:
        body = json.dumps(self.claims).encode()
        contents = {
            "a list": b"[" + body + b"]",
            "a text": b'"x"',
            "null": b"null",
            "a number": b"17",
            "empty": b"",
            "no object": b"{}",
            "cut off": body[:-1],
            "no UTF-8": body.replace(b"bucketlist", b"\xff\xfe"),
            "deep": b"[" * 300 + b"]" * 300,
        }
        headers: list[Any] = [[], "HS256", None, 1, {}]
        return {f"payload is {name}": self.sign(HEADER, payload) for name, payload in contents.items()} | {
            f"header is {header!r}": self.sign(header, body) for header in headers
        }

    def signatures(self) -> Forgeries:
        head, payload, signature = self.genuine.split(".")
        other = self.token(jti=new_id()).split(".")
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        place = last.index(signature[-1])
        twins = [signature[:-1] + last[place ^ bits] for bits in (1, 2, 3)]  # decode to the same bytes
        texts = {
            "empty": "",
            "cut off": signature[:-1],
            "with one more": signature + "A",
            "with padding": signature + "=",
            "of another token": other[2],
            "flipped": ("B" if signature[0] == "A" else "A") + signature[1:],
            "with a space": signature[:9] + " " + signature[9:],
            "with a line break": signature[:9] + "\n" + signature[9:],
            "with a star": signature + "*",
            "hexadecimal": hashlib.sha256(head.encode()).hexdigest(),
        }
        forged = {f"signature {name}": f"{head}.{payload}.{text}" for name, text in texts.items()}
        forged |= {f"signature spelt otherwise, {twin[-1]}": f"{head}.{payload}.{twin}" for twin in twins}
        return forged | {"payload of another token": f"{head}.{other[1]}.{signature}"}

    def shapes(self) -> Forgeries:
        token = self.genuine
        head, payload, signature = token.split(".")
        return {
            "empty": "",
            "dots": "..",
            "one part": head,
            "two parts": f"{head}.{payload}",
            "four parts": f"{token}.{signature}",
            "five parts": f"{head}..{payload}.{signature}.x",
            "a dot more": f"{token}.",
            "a dot before": f".{token}",
            "in quotes": f'"{token}"',
            "with the scheme twice": f"Bearer {token}",
            "two tokens": f"{token}, {token}",
            "two tokens and a space": f"{token} {token}",
            "header with padding": f"{head}=.{payload}.{signature}",
            "payload with padding": f"{head}.{payload}=.{signature}",
            "a tab before": f"\t{token}",
            "a line break after": f"{token}\n",
            "no break space": f"\u00a0{token}",
            "no ASCII": f"{token}\u00e9",
            "as JSON": json.dumps({"protected": head, "payload": payload, "signature": signature}),
            "very long": self.token(note="x" * 5000),
            "long dots": "." * 5000,
            "a refresh token": "Z3VhcmQtdGhpcy1saWtlLWEtcGFzc3dvcmQtcGxlYXNlLXk",
            "a personal token": "blt_Z3VhcmQtdGhpcy1saWtlLWEtcGFzc3dvcmQtcGxlYXNlLXk",
            "an id": new_id(),
            "a word": "undefined",
        }
