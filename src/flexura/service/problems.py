"""Errors as the service tells them: RFC 9457 problem documents with the reason codes of the command line.

`STATUSES` is the one table of HTTP statuses. An answer of 500 and above says what kind of thing failed, never more.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from flexura import errors
from flexura.errors import FlexuraError, InputRefused, PhotoUnfit, RequestTooLarge, RequestUnfit

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5

_KINDS: Final[Mapping[HTTPStatus, tuple[type[FlexuraError], ...]]] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: (errors.UsageError,),
        HTTPStatus.UNAUTHORIZED: (errors.NotAuthenticated,),
        HTTPStatus.FORBIDDEN: (errors.AccessRefused, errors.Forbidden, errors.GlassUnbroken, errors.CrossSite),
        HTTPStatus.NOT_FOUND: (errors.NotStored,),
        HTTPStatus.CONFLICT: (
            *(errors.StoreRefused, errors.StoreConflict, errors.LockoutRefused, errors.AlreadyReviewed),
            errors.LeaseLost,
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (errors.RequestTooLarge,),
        HTTPStatus.UNPROCESSABLE_ENTITY: (
            *(errors.ContextError, errors.ScoreError, errors.RequestUnfit, errors.PasswordUnfit, errors.TokenUnfit),
            errors.PasskeyUnfit,
            *(errors.InputRefused, errors.EmptyFile, errors.NotAnImage, errors.TruncatedImage, errors.CorruptImage),
            *(errors.UnsupportedImage, errors.DicomNotAPhoto, errors.DicomSyntaxUnsupported, errors.DicomJpegTooDeep),
            errors.DicomUnidentified,
            *(errors.PhotoTooSmall, errors.PhotoTooLarge, errors.PhotoUnfit, errors.DecodingTimedOut),
            errors.DecodingCrashed,
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (errors.TooManyAttempts,),
        HTTPStatus.INTERNAL_SERVER_ERROR: (
            # Of training, of the command line and of starting: a request that meets one has met a bug.
            *(FlexuraError, errors.RecipeError, errors.FeatureError, errors.PreprocessingError, errors.RenderError),
            *(errors.ManifestError, errors.LeakageError, errors.CalibrationError, errors.SettingsError),
            *(errors.AuditUnfit, errors.FileUnreadable, errors.OutputUnwritable, errors.MetricError),
            *(errors.MetricUndefined, errors.SomethingMissing, errors.BundleMissing, errors.BundleMismatch),
            *(errors.KeyMissing, errors.KeyUnfit, errors.Undecipherable, errors.ObjectDamaged, errors.BackupUnfit),
            *(errors.DatabaseOutdated, errors.DependencyMissing, errors.HsmUnfit, errors.HsmPinRefused),
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            errors.DatabaseUnavailable,
            errors.StorageUnavailable,
            errors.ServiceBusy,
            errors.ProviderUnavailable,
            errors.HsmUnavailable,
        ),
        HTTPStatus.INSUFFICIENT_STORAGE: (errors.StorageFull,),
    }
)
STATUSES: Final[Mapping[type[FlexuraError], int]] = MappingProxyType(
    {error: status.value for status, kinds in _KINDS.items() for error in kinds}
)

# What later, or a pause, may cure.
_WORTH_RETRYING: Final = frozenset({429, 503})
_NOT_SERVED: Final = MappingProxyType(
    {404: "There is nothing at this address.", 405: "There is something at this address, but not by this method."}
)
_PLACES: Final = frozenset({"body", "path", "query", "header"})


def to_problem(error: FlexuraError) -> dict[str, Any]:
    """Turn an error into its problem document.

    Parameters
    ----------
    error : FlexuraError
        Its message holds no patient data.

    Returns
    -------
    dict[str, Any]
        type, title, status, detail, code; of one file among several, `fields`; of a photo that is not good enough,
        `reasons`; of a patient of whom something was told that cannot wait, `red_flags`.

    References
    ----------
    RFC 9457, Problem Details for HTTP APIs.

    Examples
    --------
    >>> to_problem(FlexuraError("the disk's name"))["detail"]
    'Base of all errors raised on purpose.'
    """
    kind, status = type(error), STATUSES[type(error)]
    title = (kind.__doc__ or kind.__name__).strip().splitlines()[0]
    problem = {
        "type": f"urn:flexura:problem:{error.code}",
        "title": title,
        "status": status,
        "detail": str(error) if status < HTTPStatus.INTERNAL_SERVER_ERROR else title,
        "code": error.code,
    }
    if isinstance(error, PhotoUnfit):
        problem["reasons"] = [{"code": code, "message": message} for code, message in error.reasons]
    if isinstance(error, InputRefused) and error.file is not None:
        problem["fields"] = [{"field": f"files.{error.file}", "fault": error.code}]
    if isinstance(error, InputRefused) and error.red_flags:
        problem["red_flags"] = list(error.red_flags)
    return problem


def answer_error(error: FlexuraError) -> JSONResponse:
    """Turn an error into a response.

    Parameters
    ----------
    error : FlexuraError
        What a request ended with.

    Returns
    -------
    JSONResponse
        A problem document, with Retry-After or WWW-Authenticate where they belong.
    """
    problem = to_problem(error)
    return JSONResponse(problem, problem["status"], headers_of(problem), media_type=MEDIA_TYPE)


def headers_of(problem: Mapping[str, Any]) -> dict[str, str]:
    """Say beside a problem, in whatever form it is shown, when to come back and how to sign in."""
    headers: dict[str, str] = {}
    if problem["status"] in _WORTH_RETRYING:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if problem["status"] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def answer_http(error: HTTPException) -> JSONResponse:
    """Answer what the web framework refuses: an unknown address or method, a body that it cannot take.

    Parameters
    ----------
    error : HTTPException
        The framework's.

    Returns
    -------
    JSONResponse
        With the framework's Allow header and its 405, where it has them.
    """
    problem = http_problem(error)
    return JSONResponse(problem, problem["status"], error.headers, media_type=MEDIA_TYPE)


def http_problem(error: HTTPException) -> dict[str, Any]:
    """Turn what the web framework refuses into its problem document.

    Parameters
    ----------
    error : HTTPException
        The framework's.

    Returns
    -------
    dict[str, Any]
        As of `to_problem`.
    """
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return to_problem(RequestTooLarge(error.detail))
    if error.status_code in _NOT_SERVED:
        return to_problem(RequestUnfit(_NOT_SERVED[error.status_code])) | {"status": error.status_code}
    return to_problem(RequestUnfit("The body could not be read."))


def answer_unfit(error: RequestValidationError) -> JSONResponse:
    """Answer a request of the wrong form: which fields are wrong and how, never what was in them.

    Parameters
    ----------
    error : RequestValidationError
        Pydantic's, which holds the whole input.

    Returns
    -------
    JSONResponse
        With `fields`, each with its name and pydantic's word for the fault.
    """
    response = to_problem(RequestUnfit("Fields are missing, unknown or wrong; `fields` names them."))
    response["fields"] = [{"field": _field(fault), "fault": fault["type"]} for fault in error.errors()]
    return JSONResponse(response, response["status"], media_type=MEDIA_TYPE)


def _field(fault: Mapping[str, Any]) -> str:
    """The path of a field; the name of one that we do not know is the client's own text."""
    known = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in known if part not in _PLACES)
