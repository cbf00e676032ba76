"""Modules that every image object has: file header, patient, study, series, equipment and instance.

Type 3 attributes are here only where their values are enumerated: everything else about them
(how a value is written) is checked for all attributes alike.
"""

from flexura.intake.conformance.rules import Attribute, Module

YES_NO = {1: ("YES", "NO")}

FILE_META = Module(
    "File Meta Information",
    "PS3.10 7.1",
    (
        Attribute("FileMetaInformationGroupLength", "1"),
        Attribute("FileMetaInformationVersion", "1"),
        Attribute("MediaStorageSOPClassUID", "1"),
        Attribute("MediaStorageSOPInstanceUID", "1"),
        Attribute("TransferSyntaxUID", "1"),
        Attribute("ImplementationClassUID", "1"),
    ),
)
PATIENT = Module(
    "Patient",
    "PS3.3 C.7.1.1",
    (
        Attribute("PatientName", "2"),
        Attribute("PatientID", "2"),
        Attribute("PatientBirthDate", "2"),
        Attribute("PatientAlternativeCalendar", "1C", "alternative calendar"),
        Attribute("PatientSex", "2", terms={1: ("M", "F", "O")}),
        Attribute("QualityControlSubject", "3", terms=YES_NO),
        Attribute("PatientSpeciesDescription", "1C"),
        Attribute("PatientSpeciesCodeSequence", "1C"),
        Attribute("PatientBreedDescription", "2C"),
        Attribute("PatientBreedCodeSequence", "2C"),
        Attribute("BreedRegistrationSequence", "2C"),
        Attribute("ResponsiblePerson", "2C"),
        Attribute("ResponsiblePersonRole", "1C", "responsible person"),
        Attribute("ResponsibleOrganization", "2C"),
        Attribute("PatientIdentityRemoved", "3", terms=YES_NO),
        Attribute("DeidentificationMethod", "1C", "de-identified, method not coded"),
        Attribute("DeidentificationMethodCodeSequence", "1C", "de-identified, method not in words"),
    ),
)
GENERAL_STUDY = Module(
    "General Study",
    "PS3.3 C.7.2.1",
    (
        Attribute("StudyInstanceUID", "1"),
        Attribute("StudyDate", "2"),
        Attribute("StudyTime", "2"),
        Attribute("ReferringPhysicianName", "2"),
        Attribute("StudyID", "2"),
        Attribute("AccessionNumber", "2"),
    ),
)
PATIENT_STUDY = Module(
    "Patient Study",
    "PS3.3 C.7.2.2",
    (
        Attribute("PatientSexNeutered", "2C", terms={1: ("ALTERED", "UNALTERED")}),
        Attribute("SmokingStatus", "3", terms={1: ("YES", "NO", "UNKNOWN")}),
        Attribute("PregnancyStatus", "3", terms={1: ("1", "2", "3", "4")}),
    ),
    signs=("PatientSexNeutered", "SmokingStatus", "PregnancyStatus"),
)
_SERIES = (
    Attribute("SeriesInstanceUID", "1"),
    Attribute("SeriesNumber", "2"),
    Attribute(
        "Laterality",
        "2C",
        "side of a paired or unknown body part",
        terms={1: ("R", "L")},
        absent_if="image laterality is stated",
    ),
    Attribute("AnatomicalOrientationType", "1C", terms={1: ("BIPED", "QUADRUPED")}),
    Attribute("PatientPosition", "2C"),
)
GENERAL_SERIES = Module(
    "General Series",
    "PS3.3 C.7.3.1",
    (Attribute("Modality", "1"), *_SERIES),
)
# SC Equipment makes Modality optional and says that this overrides the General Series (PS3.3 C.8.6.1).
SERIES_OF_CAPTURES = Module("General Series", "PS3.3 C.7.3.1", _SERIES)
GENERAL_EQUIPMENT = Module(
    "General Equipment",
    "PS3.3 C.7.5.1",
    (Attribute("Manufacturer", "2"), Attribute("PixelPaddingValue", "1C")),
    signs=("Manufacturer", "InstitutionName", "StationName", "ManufacturerModelName", "SoftwareVersions"),
)
ENHANCED_GENERAL_EQUIPMENT = Module(
    "Enhanced General Equipment",
    "PS3.3 C.7.5.2",
    (
        Attribute("Manufacturer", "1"),
        Attribute("ManufacturerModelName", "1"),
        Attribute("DeviceSerialNumber", "1"),
        Attribute("SoftwareVersions", "1"),
    ),
)
FRAME_OF_REFERENCE = Module(
    "Frame of Reference",
    "PS3.3 C.7.4.1",
    (Attribute("FrameOfReferenceUID", "1"), Attribute("PositionReferenceIndicator", "2")),
    signs=("FrameOfReferenceUID", "PositionReferenceIndicator"),
)
SOP_COMMON = Module(
    "SOP Common",
    "PS3.3 C.12.1",
    (
        Attribute("SOPClassUID", "1"),
        Attribute("SOPInstanceUID", "1"),
        Attribute("SpecificCharacterSet", "1C"),
        Attribute("SyntheticData", "3", terms=YES_NO),
        Attribute("QueryRetrieveView", "1C", terms={1: ("CLASSIC", "ENHANCED")}),
        Attribute("LongitudinalTemporalInformationModified", "3", terms={1: ("UNMODIFIED", "MODIFIED", "REMOVED")}),
        Attribute("ReferencedDefinedProtocolSequence", "1C"),
        Attribute("ReferencedPerformedProtocolSequence", "1C"),
        Attribute("ConversionSourceAttributesSequence", "1C"),
        Attribute("HL7StructuredDocumentReferenceSequence", "1C"),
        Attribute("EncryptedAttributesSequence", "1C"),
    ),
)
COMMON_INSTANCE_REFERENCE = Module(
    "Common Instance Reference",
    "PS3.3 C.12.2",
    (
        Attribute("ReferencedSeriesSequence", "1C"),
        Attribute("StudiesContainingOtherReferencedInstancesSequence", "1C"),
    ),
    signs=("ReferencedSeriesSequence", "StudiesContainingOtherReferencedInstancesSequence"),
)
