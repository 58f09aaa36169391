"""HTML form data: the fields of a form, as people type them."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from bucketlist.kit.uploads import UploadedFile


class Form:
    """What was sent: each field as one text, or all that were chosen of many."""

    def __init__(self, fields: MultiDict[str, str], files: Sequence[UploadedFile] = ()) -> None:
        self._fields = fields
        self.files = files

    def text(self, name: str) -> str:
        """The text of a field, its line breaks as they are kept; nothing when it was not sent."""
        return self._fields.get(name, "").replace("\r\n", "\n")

    def all(self, name: str) -> list[str]:
        """Of a field that may be there several times."""
        return self._fields.getlist(name)

    def has(self, name: str) -> bool:
        return name in self._fields

    def without_secrets(self) -> list[tuple[str, str]]:
        """All fields but secrets, to send them once more."""
        pairs = self._fields.items(multi=True)
        return [(name, text) for name, text in pairs if name != "csrf" and "password" not in name.lower()]

    def as_dict(self) -> dict[str, str]:
        """The fields as they are shown in a form again."""
        return {name: self.text(name) for name in self._fields}
