"""Every error flexura raises on purpose, each with a stable reason code.

FlexuraError
├── UsageError            exit 2   the request itself is wrong
│   ├── ContextError, ScoreError, FeatureError, PreprocessingError, RenderError   a field, sign, picture or map is unfit
│   ├── RecipeError, ManifestError, LeakageError, CalibrationError, MetricError, MetricUndefined   to learn or measure
│   ├── RequestUnfit, RequestTooLarge, AuditUnfit, SettingsError, PasswordUnfit, TokenUnfit   a value cannot be used
│   └── FileUnreadable, OutputUnwritable   a named file cannot be opened or written
├── StoreRefused          exit 2   what is stored does not allow the request
│   └── NotStored, LeaseLost, StoreConflict, LockoutRefused   no such record; another's job by now; a contradiction
├── AccessRefused         exit 2   the one who asks may not have this
│   ├── NotAuthenticated, TooManyAttempts   name, password, code, session or token is not valid; asked too fast
│   └── Forbidden, CrossSite, GlassUnbroken   role, care team or scope; counter-token; reason or second factor
├── InputRefused          exit 3   a photo cannot be used; `code` says why
│   ├── EmptyFile, NotAnImage, TruncatedImage, CorruptImage, UnsupportedImage, DicomNotAPhoto, DicomSyntaxUnsupported
│   └── DicomJpegTooDeep, PhotoTooSmall, PhotoTooLarge, PhotoUnfit, DecodingTimedOut, DecodingCrashed
└── SomethingMissing      exit 4   flexura itself is incomplete
    ├── BundleMissing, BundleMismatch, KeyMissing, KeyUnfit, DependencyMissing, Undecipherable, ObjectDamaged
    ├── BackupUnfit, DatabaseUnavailable, DatabaseOutdated, ProviderUnavailable
    └── StorageFull, StorageUnavailable, ServiceBusy

Callers catch the base and recover from the leaf. A message says what to do, and never patient data or a file's name.
"""

from typing import ClassVar


class FlexuraError(Exception):
    """Base of all errors raised on purpose."""

    code: ClassVar[str] = "internal_error"
    exit_status: ClassVar[int] = 1


class UsageError(FlexuraError):
    """The request is wrong; trying again unchanged cannot help."""

    code = "usage_error"
    exit_status = 2


class ContextError(UsageError):
    """A patient-context field is unknown, malformed or impossible."""

    code = "context_invalid"


class ScoreError(UsageError):
    """A clinical score was given a sign, area or item outside its range."""

    code = "score_invalid"


class RecipeError(UsageError):
    """A training recipe holds an unknown or impossible setting."""

    code = "recipe_invalid"


class ManifestError(UsageError):
    """A manifest of photos lacks a column, names a missing file or an unknown code."""

    code = "manifest_invalid"


class LeakageError(UsageError):
    """Photos in different splits are near-duplicates; the one message that names files: ten pairs of the manifest."""

    code = "leakage_found"


class MetricError(UsageError):
    """A measure of performance was given empty, mismatched or impossible arrays."""

    code = "metric_invalid"


class MetricUndefined(MetricError):
    """A measure has no value for these cases, such as a ROC curve of one class only."""

    code = "metric_undefined"


class CalibrationError(UsageError):
    """Held-out answers are too few, or not of the kind, to calibrate with."""

    code = "calibration_invalid"


class SettingsError(UsageError):
    """An environment variable holds a value that cannot be used."""

    code = "settings_invalid"


class PasswordUnfit(UsageError):
    """A new password is too short, too long or easy to guess."""

    code = "password_unfit"


class TokenUnfit(UsageError):
    """A token was asked for without a scope that exists, or without a fit end."""

    code = "token_unfit"


class RequestUnfit(UsageError):
    """A request lacks a field, has one that is wrong, or goes to an address or by a method that is not served."""

    code = "request_unfit"


class RequestTooLarge(UsageError):
    """The body of a request is larger than the limit."""

    code = "request_too_large"


class AuditUnfit(UsageError):
    """An audit event or checkpoint is not of the form that the log can hold or compare with."""

    code = "audit_unfit"


class FileUnreadable(UsageError):
    """A file that was named does not exist or cannot be opened."""

    code = "file_unreadable"


class OutputUnwritable(UsageError):
    """A file that was asked for cannot be written."""

    code = "output_unwritable"


class FeatureError(UsageError):
    """Image features were asked of a picture and masks of the wrong type or of different sizes."""

    code = "feature_invalid"


class PreprocessingError(UsageError):
    """A preparation step was given a picture, map or setting that it cannot work with."""

    code = "preprocessing_invalid"


class RenderError(UsageError):
    """A rendered photo was asked for with an impossible tone, sign, area, size or number."""

    code = "render_invalid"


class StoreRefused(FlexuraError):
    """What is stored does not allow the request."""

    code = "store_refused"
    exit_status = 2


class NotStored(StoreRefused):
    """There is no such record, or none that this tenant has."""

    code = "not_stored"


class LeaseLost(StoreRefused):
    """A worker's job is held by another by now, or has ended."""

    code = "lease_lost"


class StoreConflict(StoreRefused):
    """The request contradicts what is stored, such as a name that is taken."""

    code = "store_conflict"


class LockoutRefused(StoreConflict):
    """A change would take an administrator's own access, or that of the last administrator."""

    code = "lockout_refused"


class AccessRefused(FlexuraError):
    """The one who asks may not have this."""

    code = "access_refused"
    exit_status = 2


class NotAuthenticated(AccessRefused):
    """Name, password, one-time code, session or token is not valid; which of them is not said."""

    code = "not_authenticated"


class TooManyAttempts(AccessRefused):
    """Failed sign-ins of this user or from this address, or a user's requests, came too fast."""

    code = "too_many_attempts"


class CrossSite(AccessRefused):
    """A request of a browser's session comes without its counter-token."""

    code = "cross_site"


class Forbidden(AccessRefused):
    """The role, the care team or the token's scope does not allow it."""

    code = "forbidden"


class GlassUnbroken(AccessRefused):
    """Emergency access was asked for without a reason or a fresh second factor."""

    code = "glass_unbroken"


class InputRefused(FlexuraError):
    """A photo cannot be used."""

    code = "input_refused"
    exit_status = 3
    file: int | None = None  # which of several files, from 0
    red_flags: tuple[str, ...] = ()  # what cannot wait by what was told, where the patient is known


class EmptyFile(InputRefused):
    """The file holds no bytes."""

    code = "empty_file"


class NotAnImage(InputRefused):
    """The content is no image format that flexura reads."""

    code = "not_an_image"


class TruncatedImage(InputRefused):
    """The image data ends before the picture does."""

    code = "truncated_image"


class CorruptImage(InputRefused):
    """The image data contradicts itself."""

    code = "corrupt_image"


class UnsupportedImage(InputRefused):
    """An image of a known format, in a form that flexura does not read."""

    code = "unsupported_image"


class DicomNotAPhoto(InputRefused):
    """A DICOM object of a kind that holds no photograph."""

    code = "dicom_not_a_photo"


class DicomSyntaxUnsupported(InputRefused):
    """A DICOM photograph in a transfer syntax that flexura does not decode."""

    code = "dicom_syntax_unsupported"


class DicomJpegTooDeep(InputRefused):
    """A DICOM photograph as JPEG of more than 8 bits a sample, which flexura does not decode."""

    code = "dicom_jpeg_too_deep"


class PhotoTooSmall(InputRefused):
    """Fewer pixels than the network needs."""

    code = "photo_too_small"


class PhotoTooLarge(InputRefused):
    """More pixels or bytes than the limit in the settings."""

    code = "photo_too_large"


class PhotoUnfit(InputRefused):
    """A photo that could be read is not good enough to be answered on; `reasons` are the checks' codes and advice."""

    code = "photo_unfit"
    reasons: tuple[tuple[str, str], ...] = ()


class DecodingTimedOut(InputRefused):
    """Decoding took longer than the limit, and its process was killed."""

    code = "decoding_timed_out"


class DecodingCrashed(InputRefused):
    """The decoder's process died of the file."""

    code = "decoding_crashed"


class SomethingMissing(FlexuraError):
    """Something flexura needs is not there."""

    code = "something_missing"
    exit_status = 4


class BundleMissing(SomethingMissing):
    """The model bundle, or a file of it, is not on disk."""

    code = "bundle_missing"


class BundleMismatch(SomethingMissing):
    """The model bundle's content is not what its description promises."""

    code = "bundle_mismatch"


class DependencyMissing(SomethingMissing):
    """An optional package that this verb needs is not installed."""

    code = "dependency_missing"


class KeyMissing(SomethingMissing):
    """A master key that is needed is not there."""

    code = "key_missing"


class KeyUnfit(SomethingMissing):
    """A master key is weak, a placeholder, or open to others."""

    code = "key_unfit"


class Undecipherable(SomethingMissing):
    """Something encrypted does not open; why is not said."""

    code = "undecipherable"


class ObjectDamaged(SomethingMissing):
    """The stored file of a photo is gone or is not what was stored."""

    code = "object_damaged"


class BackupUnfit(SomethingMissing):
    """A backup is not whole, not of this version, or not wanted where data is already."""

    code = "backup_unfit"


class DatabaseUnavailable(SomethingMissing):
    """The database cannot be reached or does not answer in time."""

    code = "database_unavailable"


class DatabaseOutdated(SomethingMissing):
    """The database's tables are not of the form that this version works with."""

    code = "database_outdated"


class StorageFull(SomethingMissing):
    """A disk is full; nothing was stored."""

    code = "storage_full"


class StorageUnavailable(SomethingMissing):
    """The photos' folder is gone or cannot be written; nothing was stored."""

    code = "storage_unavailable"


class ServiceBusy(SomethingMissing):
    """Every place for an assessment has been taken for too long; the same request later may succeed."""

    code = "service_busy"


class ProviderUnavailable(SomethingMissing):
    """The identity provider cannot be reached, or does not answer as it should."""

    code = "provider_unavailable"
