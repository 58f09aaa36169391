"""Problem type pages of authentication and authorization (401 and 403): what each means and what to do about it."""

from bucketlist.docs.advice import Advice

ACCESS_ADVICE: dict[str, Advice] = {
    "unauthorized": Advice(
        "This address has to know who you are. The token is missing, misspelt, too old, or its session was ended. "
        "Which of these it was is not told: it would help somebody who guesses.",
        (
            "Send the access token in the header `Authorization: Bearer …`.",
            "An access token lives for 15 minutes. Get a new pair with `POST /v1/auth/refresh`, then try again.",
            "When that is refused as well, the session is over: log in again with `POST /v1/auth/login`.",
        ),
        see="conventions#signing-in",
    ),
    "wrong_credentials": Advice(
        "Email and password do not belong together. Whether there is an account with this email is not told: it would "
        "help somebody who guesses.",
        (
            "Look for a slip of the finger. In a password, upper and lower case matter; in an email they do not.",
            "If you forgot the password, ask for a link with `POST /v1/auth/password/forgot`.",
            "In a program: ask the person again. Refreshing tokens does not help here, as it does on `unauthorized`.",
        ),
        see="conventions#signing-in",
    ),
    "link_not_good": Advice(
        "A link that was mailed is good once, for some time, and only until a newer one of its kind is sent. Which "
        "of these it was is not told.",
        (
            "Look for a newer letter, and copy the link in one piece.",
            "Ask for a new one: `POST /v1/auth/password/forgot` for a password.",
            "In a program: refreshing tokens does not help here, as it does on `unauthorized`.",
        ),
        see="conventions#signing-in",
    ),
    "forbidden": Advice(
        "We know who you are, and you may not do this.",
        ("Sending it again will not help. Use an account or a token that may.",),
        see="conventions#signing-in",
    ),
    "insufficient_scope": Advice(
        "The token is a good one, but it was made for less than this request asks for.",
        (
            "Use a token with a larger scope: one that may write, where something is to be changed.",
            "Sessions, tokens and the account itself are out of reach for the tokens of scripts. Log in for those.",
        ),
        see="conventions#signing-in",
    ),
    "wrong_password": Advice(
        "You are signed in, but the password that came with the request is not the one of this account. It is asked "
        "for once more where the account itself is at stake, so that a session left open is not enough.",
        (
            "Send the present one: as `currentPassword` for a new password, email or token; as `password` to leave.",
            "Attempts are counted. After too many of them there is a pause of some minutes.",
        ),
        see="conventions#limits",
    ),
    "registration_closed": Advice(
        "Whoever runs this service has closed the sign-up. Accounts that exist work as before.",
        (
            "If you have an account, log in with `POST /v1/auth/login`.",
            "If not, ask the person who runs the service, or run one of your own.",
        ),
        see="conventions#signing-in",
    ),
    "invitation_needed": Advice(
        "Whoever runs this service lets in whom they invite. There was no invitation with the sign-up, or it is not "
        "good: each is good once, for some days, and may be for one address only. Accounts that exist work as before.",
        (
            "Follow the link of your invitation, or send what stands behind `token=` in it as `invitation`.",
            "Sign up with the very address that you were invited by.",
            "If you have none, or it is too old, ask the person who runs the service.",
        ),
        see="conventions#signing-in",
    ),
    "account_disabled": Advice(
        "The email and the password are right, but whoever runs the service has disabled this account: nobody can log "
        "in, and sessions and personal tokens have ended. What is in it is kept.",
        (
            "Turn to the person who runs the service; trying again will not help.",
            "In a program: tell the person. There is nothing that another token or password could do.",
        ),
        see="conventions#signing-in",
    ),
}
