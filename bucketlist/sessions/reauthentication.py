"""Reauthentication: whoever is signed in shows once more that they know the password.

Source: OWASP ASVS 5.0 section 7.5.1."""

from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.errors import WrongPassword
from bucketlist.auth.passwords import verify_password
from bucketlist.auth.users import UserRow
from bucketlist.kit.queues import Flow
from bucketlist.limits import bounds, rate_limits


def get_user_with_password(actor: Actor, password: str) -> UserRow:
    """The actor's user, who has just proved to know the password.

    Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`.
    """
    user = users.get_user(actor)
    with rate_limits.rate_limited(bounds.of_password(actor.session_id)):
        if not verify_password(password, user.password_hash, Flow(user.id, user.id, is_known=True)):
            raise WrongPassword
    return user
