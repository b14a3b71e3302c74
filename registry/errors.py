"""The few ways a use case can refuse. Messages are Chinese sentences meant for the person."""

from __future__ import annotations


class RegistryError(Exception):
    """Base of every refusal; `message` says what happened and how to go on."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(RegistryError):
    """The thing does not exist, or lies outside the actor's region (never told apart)."""

    status = 404

    def __init__(
        self, message: str = "没有找到要看的内容，可能已被删除，或不在本单位管辖范围。"
    ) -> None:
        super().__init__(message)


class Forbidden(RegistryError):
    """The actor's role lacks the permission, whatever the object."""

    status = 403

    def __init__(self, message: str = "当前账号的角色没有这项权限。") -> None:
        super().__init__(message)


class Conflict(RegistryError):
    """Somebody else changed the thing first, or its state no longer allows the action."""

    status = 409


class Invalid(RegistryError):
    """Input that breaks a rule; `fields` maps field keys to their own messages."""

    status = 422

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class UnusableFile(RegistryError):
    """A file that cannot be used at all. `code` is stable, `message` says what to do."""

    status = 422

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
