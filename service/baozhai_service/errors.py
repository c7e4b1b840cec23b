"""The errors of the service; those of the model are in `baozhai_model.errors`.

BaozhaiError
├── InputError
│   ├── RequestError           the request as such, before any text of it is read
│   │   ├── MalformedBody          not UTF-8, or not JSON
│   │   ├── BodyTooLarge           more bytes than are accepted
│   │   ├── BodyTooSlow            it did not arrive within the deadline
│   │   ├── WrongContentType       it does not say that it is JSON in UTF-8
│   │   ├── WrongContentEncoding   it is compressed
│   │   ├── InvalidRequest         fields missing, unknown, or of a wrong type
│   │   ├── TooManyTexts           more texts than are accepted in one request
│   │   └── RequestTooLong         more characters than are accepted in one request
│   ├── AccessError            who asks, and by which name of this machine
│   │   ├── Unauthenticated        no key, or an unknown one
│   │   │   └── SessionEnded           a session of the desk that has expired, or whose key was withdrawn
│   │   ├── Forbidden              a key whose role does not suffice
│   │   ├── CrossSite              a browser sent it for a page of another site
│   │   └── HostRefused            a host name that this service does not go by
│   ├── NotFound               no such path, model or run
│   ├── RunRefused             no run can begin or be cancelled as things are
│   └── MethodNotAllowed       the path has other methods
├── Unavailable
│   ├── WorkerDown             the encoder's worker is being restarted
│   ├── LabelStoreDown         the database of labels cannot be used now
│   └── ClientGone             nobody waits for the answer any more; never sent
└── InternalError          a fault of ours; the log has it under the request's id
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_model.errors import BaozhaiError, InputError, Unavailable


class RequestError(InputError):
    """The request is invalid as such, before its texts are processed."""

    code = "invalid_request"


class MalformedBody(RequestError):
    """The body is not JSON in UTF-8."""

    code = "malformed_body"


class BodyTooLarge(RequestError):
    """The body is larger than the limit."""

    code = "body_too_large"

    def __init__(self, limit: int, size: int | None = None) -> None:
        said = f"the body has {size} bytes" if size is not None else "the body is too large"
        super().__init__(f"{said}; at most {limit} are accepted: send less in one request")
        self.limit, self.size = limit, size


class BodyTooSlow(RequestError):
    """The body did not arrive within the deadline."""

    code = "body_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not arrive within {seconds:g} seconds; send it again")


class WrongContentType(RequestError):
    """The media type of the body is not accepted here."""

    code = "wrong_content_type"

    def __init__(self, given: str, accepted: str = "send JSON in UTF-8 as 'application/json'") -> None:
        said = f"the content type is {given!r}" if given else "there is no content type"
        super().__init__(f"{said}; {accepted}")


class WrongContentEncoding(RequestError):
    """The body is compressed."""

    code = "wrong_content_encoding"

    def __init__(self, given: str) -> None:
        super().__init__(f"the content encoding is {given!r}; send the body as it is, without one")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """The problem with one field, e.g. ``texts[3]``."""

    field: str
    detail: str


class InvalidRequest(RequestError):
    """Fields are missing, unknown, or of a wrong type: those in ``problems``, and ``unlisted`` more."""

    def __init__(self, problems: Sequence[FieldProblem], unlisted: int = 0) -> None:
        first, more = problems[0], len(problems) - 1 + unlisted
        where = f"{first.field}: " if first.field else ""
        see = f"see errors for the first {len(problems)}" if unlisted else "see errors"
        super().__init__(f"{where}{first.detail}" + (f" (and {more} more, {see})" if more else ""))
        self.problems = tuple(problems)


class TooManyTexts(RequestError):
    """The request has more texts than the limit."""

    code = "too_many_texts"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"the request has {count} texts; at most {limit} are accepted: send them in several requests")
        self.count, self.limit = count, limit


class RequestTooLong(RequestError):
    """The texts of the request have more characters together than the limit."""

    code = "request_too_long"

    def __init__(self, length: int, limit: int, what: str = "the texts of the request") -> None:
        super().__init__(f"{what} have {length} characters together; at most {limit} are accepted in one request")
        self.length, self.limit = length, limit


class AccessError(InputError):
    """The client is not admitted: its key, its session, its origin, or the host that it names."""

    code = "access_denied"


class Unauthenticated(AccessError):
    """The request has no key, or an unknown one."""

    code = "unauthenticated"

    def __init__(self, message: str = "send a valid API key as 'Authorization: Bearer KEY'") -> None:
        super().__init__(message)


class SessionEnded(Unauthenticated):
    """The session of the desk has expired, or its key was revoked."""

    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("the session has ended; sign in again")


class CrossSite(AccessError):
    """A page of another site made the browser send the request, or it lacks the CSRF token."""

    code = "cross_site"

    def __init__(self) -> None:
        super().__init__(
            "the request does not come from a page of this service; reload the page, or send an API key instead of a"
            " session"
        )


class Forbidden(AccessError):
    """The role of the key does not include the permission."""

    code = "forbidden"

    def __init__(self, role: str, needed: str) -> None:
        super().__init__(f"this key has the role {role!r}; {needed!r} is needed here")


class HostRefused(AccessError):
    """The request's host is neither a loopback name nor an allowed one."""

    code = "host_refused"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"without API keys only requests to this machine by its loopback names are answered, not to {host!r};"
            " an operator can add the name to allowed_hosts, or set up keys"
        )


class NotFound(InputError):
    """There is no such path, model version or run."""

    code = "not_found"


class RunRefused(InputError):
    """A training run cannot be started or cancelled now."""

    code = "run_refused"


class MethodNotAllowed(InputError):
    """The path does not have this method."""

    code = "method_not_allowed"


class WorkerDown(Unavailable):
    """The encoder's worker is down and being restarted."""

    code = "worker_down"

    def __init__(self) -> None:
        super().__init__("the model's worker failed and is being restarted; send the request again in a moment")


class LabelStoreDown(Unavailable):
    """The label database cannot be used now. ``reason`` may name hosts, so it is logged but not sent."""

    code = "label_store_down"

    def __init__(self, reason: str) -> None:
        super().__init__("the label store cannot be used now; nothing was kept: send the request again later")
        self.reason = reason


class ClientGone(Unavailable):
    """The client has disconnected."""

    code = "client_gone"


class InternalError(BaozhaiError):
    """An internal error."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("the service failed; its log has the reason under this request's id")
