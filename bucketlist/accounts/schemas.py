"""Request and response schemas of authentication and user accounts.

No secret goes out but in the answer that makes it.
"""

from typing import Annotated, Literal, Self

from pydantic import MISSING, AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from bucketlist import config
from bucketlist.auth.passwords import is_like_email, is_well_known, normalise_password
from bucketlist.auth.schemas import MAX_SECRET_LENGTH, Secret, check_secret
from bucketlist.kit.emails import MAX_LENGTH as MAX_EMAIL_LENGTH
from bucketlist.kit.emails import check_email
from bucketlist.kit.schemas import Answer, ApiModel, Instant, OwnId
from bucketlist.kit.text import CONTROLS, OptionalLine, normalise, refuse_controls

PASSWORD_LENGTHS = (8, 256)


def _check_email(text: str) -> str:
    return check_email(text, can_mail=config.can_mail())


def _check_password(text: str) -> str:
    """It is long enough as it is hashed, and short enough as it is hashed or as it was typed."""
    shortest, longest = PASSWORD_LENGTHS
    length = len(normalise_password(text)) if len(text) <= MAX_SECRET_LENGTH else len(text)
    if length < shortest or min(length, len(text)) > longest:
        raise PydanticCustomError("password_length", f"A password has {shortest} to {longest} characters.")
    if is_well_known(text):
        raise PydanticCustomError("password_well_known", "This password is among those that everybody tries first.")
    return text


def _check_login(text: str) -> str:
    return normalise(refuse_controls(check_secret(text)), MAX_SECRET_LENGTH)


def refuse_password_like(email: str, password: str) -> None:
    if is_like_email(password, email):
        raise PydanticCustomError("password_is_email", "The password must not be the email.")


Email = Annotated[
    str,
    AfterValidator(_check_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": MAX_EMAIL_LENGTH}),
]
NewPassword = Annotated[
    str,
    AfterValidator(_check_password),
    WithJsonSchema({"type": "string", "format": "password", "minLength": 8, "maxLength": 256}),
]
LoginEmail = Annotated[
    str,
    AfterValidator(_check_login),
    WithJsonSchema({"type": "string", "maxLength": MAX_SECRET_LENGTH, "pattern": f"^[^{CONTROLS}]*$"}),
]
PersonName = Annotated[str | None, OptionalLine(200)]


class RegisterIn(ApiModel):
    email: Email = Field(examples=["ada@example.com"])
    password: NewPassword = Field(examples=["correct horse battery staple"])
    name: PersonName = Field(None, examples=["Ada"])
    invitation: Secret | MISSING = Field(
        MISSING,
        description="The token of an invitation, where accounts are made by invitation only.",
        examples=["aW52aXRlZC1ieS13aG9ldmVyLXJ1bnMtdGhlLXNlcnZpY2U"],
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse_password_like(self.email, self.password)
        return self


class LoginIn(ApiModel):
    email: LoginEmail = Field(examples=["ada@example.com"])
    password: Secret = Field(examples=["correct horse battery staple"])


class RefreshIn(ApiModel):
    refresh_token: Secret = Field(examples=["Z3VhcmQtdGhpcy1saWtlLWEtcGFzc3dvcmQtcGxlYXNlLXk"])


class NewPasswordIn(ApiModel):
    new_password: NewPassword = Field(examples=["a much better horse battery"])


class PasswordIn(NewPasswordIn):
    current_password: Secret = Field(examples=["correct horse battery staple"])


class ForgotIn(ApiModel):
    email: LoginEmail = Field(examples=["ada@example.com"])


class ResetIn(NewPasswordIn):
    token: Secret = Field(examples=["bGlua3MtYXJlLXNlbnQtYnktbWFpbC1vbmx5LXRoaXMtb25l"])


class ConfirmIn(ApiModel):
    token: Secret = Field(examples=["bGlua3MtYXJlLXNlbnQtYnktbWFpbC1vbmx5LXRoaXMtb25l"])
    current_password: Secret | MISSING = Field(MISSING, examples=["correct horse battery staple"])


class UserPatch(ApiModel):
    """Change the name, or (with the current password) the email."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"email": ["currentPassword"]}})

    name: PersonName | MISSING = Field(MISSING, examples=["Ada Lovelace"])
    email: Email | MISSING = Field(MISSING, description="Takes the `currentPassword` as well.")
    current_password: Secret | MISSING = Field(MISSING, description="For a new email.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.email is not MISSING:
            if self.current_password is MISSING:
                raise PydanticCustomError("password_missing", "A new email needs the currentPassword.")
            refuse_password_like(self.email, self.current_password)
        return self


class UserDelete(ApiModel):
    password: Secret = Field(examples=["correct horse battery staple"])


class UserOut(Answer):
    id: OwnId
    email: str = Field(examples=["ada@example.com"])
    name: str | None = Field(examples=["Ada"])
    created_at: Instant
    modified_at: Instant


class AccountOut(UserOut):
    storage_bytes: int = Field(description="What your photos take, with their previews.", examples=[31415926])
    storage_quota_bytes: int = Field(description="What they may take.", examples=[2147483648])


class TokenPair(Answer):
    """A new pair of tokens, shown once."""

    access_token: str = Field(
        description="For the header `Authorization: Bearer …`.", examples=["eyJhbGciOi….eyJzdWI….kXp3"]
    )
    refresh_token: str = Field(
        description="For the next pair, good once.", examples=["Z3VhcmQtdGhpcy1saWtlLWEtcGFzc3dvcmQtcGxlYXNlLXk"]
    )
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds that the access token lives.", examples=[900])
    user: UserOut
