"""Every error flexura raises on purpose, each with a stable reason code.

FlexuraError
├── UsageError            exit 2   the request itself is wrong
│   ├── ContextError, ScoreError, FeatureError, PreprocessingError, RenderError   a field, sign, picture or map is unfit
│   ├── RecipeError, ManifestError, LeakageError, CalibrationError, MetricError, MetricUndefined   to learn or measure
│   ├── RequestUnfit, RequestTooLarge, AuditUnfit, SettingsError   a value cannot be used
│   ├── PasswordUnfit, TokenUnfit, PasskeyUnfit   what somebody is to be known by is unfit
│   └── FileUnreadable, OutputUnwritable   a named file cannot be opened or written
├── StoreRefused          exit 2   what is stored does not allow the request
│   ├── NotStored, LeaseLost   no such record; another's job by now
│   └── StoreConflict, LockoutRefused, AlreadyReviewed   a contradiction
├── AccessRefused         exit 2   the one who asks may not have this
│   ├── NotAuthenticated, TooManyAttempts   what shows who asks is not valid or too old; asked too fast
│   └── Forbidden, CrossSite, GlassUnbroken   role, care team or scope; counter-token; reason or second factor
├── InputRefused          exit 3   a photo cannot be used; `code` says why
│   ├── EmptyFile, NotAnImage, TruncatedImage, CorruptImage, UnsupportedImage, DicomNotAPhoto, DicomSyntaxUnsupported
│   └── DicomJpegTooDeep, DicomUnidentified, PhotoTooSmall, PhotoTooLarge, PhotoUnfit, DecodingTimedOut, DecodingCrashed
└── SomethingMissing      exit 4   flexura itself is incomplete
    ├── BundleMissing, BundleMismatch, DependencyMissing, Undecipherable, ObjectDamaged
    ├── KeyMissing, KeyUnfit, HsmUnfit, HsmPinRefused, HsmUnavailable   of the master keys
    ├── BackupUnfit, DatabaseUnavailable, DatabaseOutdated, ProviderUnavailable
    └── StorageFull, StorageUnavailable, ServiceBusy

Callers catch the base and recover from the leaf. A message says what to do, and never patient data or a file's name.
"""

from typing import ClassVar


class FlexuraError(Exception):
    """Base of all errors raised on purpose."""

    code: ClassVar[str] = "internal_error"
    exit_status: ClassVar[int] = 1

    def __init_subclass__(cls, *, code: str, exit_status: int | None = None) -> None:
        cls.code, cls.exit_status = code, exit_status or cls.exit_status


class UsageError(FlexuraError, code="usage_error", exit_status=2):
    """The request is wrong; trying again unchanged cannot help."""


class ContextError(UsageError, code="context_invalid"):
    """A patient-context field is unknown, malformed or impossible."""


class ScoreError(UsageError, code="score_invalid"):
    """A clinical score was given a sign, area or item outside its range."""


class RecipeError(UsageError, code="recipe_invalid"):
    """A training recipe holds an unknown or impossible setting."""


class ManifestError(UsageError, code="manifest_invalid"):
    """A manifest of photos lacks a column, names a missing file or an unknown code."""


class LeakageError(UsageError, code="leakage_found"):
    """Photos in different splits are near-duplicates; the one message that names files: ten pairs of the manifest."""


class MetricError(UsageError, code="metric_invalid"):
    """A measure of performance was given empty, mismatched or impossible arrays."""


class MetricUndefined(MetricError, code="metric_undefined"):
    """A measure has no value for these cases, such as a ROC curve of one class only."""


class CalibrationError(UsageError, code="calibration_invalid"):
    """Held-out answers are too few, or not of the kind, to calibrate with."""


class SettingsError(UsageError, code="settings_invalid"):
    """An environment variable holds a value that cannot be used."""


class PasswordUnfit(UsageError, code="password_unfit"):
    """A new password is too short, too long or easy to guess."""


class TokenUnfit(UsageError, code="token_unfit"):
    """A token was asked for without a scope that exists, or without a fit end."""


class PasskeyUnfit(UsageError, code="passkey_unfit"):
    """An authenticator's answer is not one to the question that this session was asked a short while ago."""


class RequestUnfit(UsageError, code="request_unfit"):
    """A request lacks a field, has one that is wrong, or goes to an address or by a method that is not served."""


class RequestTooLarge(UsageError, code="request_too_large"):
    """The body of a request is larger than the limit."""


class AuditUnfit(UsageError, code="audit_unfit"):
    """An audit event or checkpoint is not of the form that the log can hold or compare with."""


class FileUnreadable(UsageError, code="file_unreadable"):
    """A file that was named does not exist or cannot be opened."""


class OutputUnwritable(UsageError, code="output_unwritable"):
    """A file that was asked for cannot be written."""


class FeatureError(UsageError, code="feature_invalid"):
    """Image features were asked of a picture and masks of the wrong type or of different sizes."""


class PreprocessingError(UsageError, code="preprocessing_invalid"):
    """A preparation step was given a picture, map or setting that it cannot work with."""


class RenderError(UsageError, code="render_invalid"):
    """A rendered photo was asked for with an impossible tone, sign, area, size or number."""


class StoreRefused(FlexuraError, code="store_refused", exit_status=2):
    """What is stored does not allow the request."""


class NotStored(StoreRefused, code="not_stored"):
    """There is no such record, or none that this tenant has."""


class LeaseLost(StoreRefused, code="lease_lost"):
    """A worker's job is held by another by now, or has ended."""


class StoreConflict(StoreRefused, code="store_conflict"):
    """The request contradicts what is stored, such as a name that is taken."""


class LockoutRefused(StoreConflict, code="lockout_refused"):
    """A change would take an administrator's own access, the last administrator's, or a user's last second factor."""


class AlreadyReviewed(StoreConflict, code="already_reviewed"):
    """Another auditor has reviewed this emergency access; the first review stays."""


class AccessRefused(FlexuraError, code="access_refused", exit_status=2):
    """The one who asks may not have this."""


class NotAuthenticated(AccessRefused, code="not_authenticated"):
    """Name, password, code, passkey, session or token is not valid; which of them is not said."""


class TooManyAttempts(AccessRefused, code="too_many_attempts"):
    """Failed sign-ins of this user or from this address, or a user's requests, came too fast."""


class CrossSite(AccessRefused, code="cross_site"):
    """A request of a browser's session comes without its counter-token."""


class Forbidden(AccessRefused, code="forbidden"):
    """The role, the care team or the token's scope does not allow it."""


class GlassUnbroken(AccessRefused, code="glass_unbroken"):
    """Emergency access was asked for without a reason or a fresh second factor."""


class InputRefused(FlexuraError, code="input_refused", exit_status=3):
    """A photo cannot be used."""

    file: int | None = None  # which of several files, from 0
    red_flags: tuple[str, ...] = ()  # what cannot wait by what was told, where the patient is known


class EmptyFile(InputRefused, code="empty_file"):
    """The file holds no bytes."""


class NotAnImage(InputRefused, code="not_an_image"):
    """The content is no image format that flexura reads."""


class TruncatedImage(InputRefused, code="truncated_image"):
    """The image data ends before the picture does."""


class CorruptImage(InputRefused, code="corrupt_image"):
    """The image data contradicts itself."""


class UnsupportedImage(InputRefused, code="unsupported_image"):
    """An image of a known format, in a form that flexura does not read."""


class DicomNotAPhoto(InputRefused, code="dicom_not_a_photo"):
    """A DICOM object of a kind that holds no photograph."""


class DicomSyntaxUnsupported(InputRefused, code="dicom_syntax_unsupported"):
    """A DICOM photograph in a transfer syntax that flexura does not decode."""


class DicomJpegTooDeep(InputRefused, code="dicom_jpeg_too_deep"):
    """A DICOM photograph as JPEG of more than 8 bits a sample, which flexura does not decode."""


class DicomUnidentified(InputRefused, code="dicom_unidentified"):
    """A DICOM photograph came over the network without a patient's number, a study's UID or a UID of its own."""


class PhotoTooSmall(InputRefused, code="photo_too_small"):
    """Fewer pixels than the network needs."""


class PhotoTooLarge(InputRefused, code="photo_too_large"):
    """More pixels or bytes than the limit in the settings."""


class PhotoUnfit(InputRefused, code="photo_unfit"):
    """A photo that could be read is not good enough to be answered on; `reasons` are the checks' codes and advice."""

    reasons: tuple[tuple[str, str], ...] = ()


class DecodingTimedOut(InputRefused, code="decoding_timed_out"):
    """Decoding took longer than the limit, and its process was killed."""


class DecodingCrashed(InputRefused, code="decoding_crashed"):
    """The decoder's process died of the file."""


class SomethingMissing(FlexuraError, code="something_missing", exit_status=4):
    """Something flexura needs is not there."""


class BundleMissing(SomethingMissing, code="bundle_missing"):
    """The model bundle, or a file of it, is not on disk."""


class BundleMismatch(SomethingMissing, code="bundle_mismatch"):
    """The model bundle's content is not what its description promises."""


class DependencyMissing(SomethingMissing, code="dependency_missing"):
    """An optional package that this verb needs is not installed."""


class KeyMissing(SomethingMissing, code="key_missing"):
    """A master key that is needed is not there."""


class KeyUnfit(SomethingMissing, code="key_unfit"):
    """A master key is weak, a placeholder, or open to others."""


class HsmUnfit(SomethingMissing, code="hsm_unfit"):
    """The PKCS#11 module cannot be loaded, or its token cannot do what is needed."""


class HsmPinRefused(SomethingMissing, code="hsm_pin_refused"):
    """The token with the master keys refuses the PIN, or would lock itself if one more were wrong."""


class HsmUnavailable(SomethingMissing, code="hsm_unavailable"):
    """The token with the master keys is not there or does not answer."""


class Undecipherable(SomethingMissing, code="undecipherable"):
    """Something encrypted does not open; why is not said."""


class ObjectDamaged(SomethingMissing, code="object_damaged"):
    """The stored file of a photo is gone or is not what was stored."""


class BackupUnfit(SomethingMissing, code="backup_unfit"):
    """A backup is not whole, not of this version, or not wanted where data is already."""


class DatabaseUnavailable(SomethingMissing, code="database_unavailable"):
    """The database cannot be reached or does not answer in time."""


class DatabaseOutdated(SomethingMissing, code="database_outdated"):
    """The database's tables are not of the form that this version works with."""


class StorageFull(SomethingMissing, code="storage_full"):
    """A disk is full; nothing was stored."""


class StorageUnavailable(SomethingMissing, code="storage_unavailable"):
    """The photos' folder is gone or cannot be written; nothing was stored."""


class ServiceBusy(SomethingMissing, code="service_busy"):
    """Every place for an assessment has been taken for too long; the same request later may succeed."""


class ProviderUnavailable(SomethingMissing, code="provider_unavailable"):
    """The identity provider cannot be reached, or does not answer as it should."""
