"""What each item of a sequence must hold, by the sequence's keyword, wherever it stands.

Of the sequences in the modules of `iods`. Codes and references come in many sequences; the others
have a row each. `NOT_CHECKED_ITEMS` are the rest, with the reason.
"""

from collections.abc import Mapping
from types import MappingProxyType

from flexura.intake.conformance.conditions import numbers, text
from flexura.intake.conformance.images import IMAGE_PIXEL
from flexura.intake.conformance.regions import is_snomed_identifier
from flexura.intake.conformance.rules import Attribute, Module, Rule

CODE = Module(
    "Code Sequence Macro",
    "PS3.3 8.8",
    (
        Attribute("CodeValue", "1C", "no ordinary code"),
        Attribute("CodingSchemeDesignator", "1C", "code of a scheme"),
        Attribute("CodeMeaning", "1"),
        Attribute("MappingResource", "1C", "context group"),
        Attribute("ContextGroupVersion", "1C", "context group"),
    ),
    rules=(
        Rule(
            ("CodeValue", "CodingSchemeDesignator"),
            "is no SNOMED CT identifier: its check digit or its length is wrong",
            "PS3.16 table 8-1",
            lambda d: text(d, "CodingSchemeDesignator") != "SCT" or is_snomed_identifier(text(d, "CodeValue")),
        ),
    ),
)
INSTANCE_REFERENCE = Module(
    "SOP Instance Reference Macro",
    "PS3.3 10.8",
    (Attribute("ReferencedSOPClassUID", "1"), Attribute("ReferencedSOPInstanceUID", "1")),
)
_VALUE_TYPES = ("DATETIME", "DATE", "TIME", "PNAME", "UIDREF", "TEXT", "CODE", "NUMERIC", "COMPOSITE", "IMAGE")
_CONTENT = Module(
    "Content Item Macro",
    "PS3.3 10.2",
    (
        Attribute("ValueType", "1", terms={1: _VALUE_TYPES}),
        Attribute("ConceptNameCodeSequence", "1", most_items=1),
        Attribute("DateTime", "1C", "value type DATETIME"),
        Attribute("Date", "1C", "value type DATE"),
        Attribute("Time", "1C", "value type TIME"),
        Attribute("PersonName", "1C", "value type PNAME"),
        Attribute("UID", "1C", "value type UIDREF"),
        Attribute("TextValue", "1C", "value type TEXT"),
        Attribute("ConceptCodeSequence", "1C", "value type CODE", most_items=1),
        Attribute("NumericValue", "1C", "value type NUMERIC"),
        Attribute("MeasurementUnitsCodeSequence", "1C", "value type NUMERIC", most_items=1),
        Attribute("FloatingPointValue", "1C"),
        Attribute("RationalNumeratorValue", "1C"),
        Attribute("RationalDenominatorValue", "1C", "rational number"),
        Attribute("ReferencedSOPSequence", "1C", "value type COMPOSITE or IMAGE", most_items=1),
    ),
)
_ENTRIES = Rule(
    ("LUTDescriptor",),
    "must have 3 values, the last 8 to 16 bits an entry",
    "PS3.3 C.11.1.1",
    lambda d: len(numbers(d, "LUTDescriptor")) == 3 and 8 <= numbers(d, "LUTDescriptor")[2] <= 16,
)
_TABLE = (Attribute("LUTDescriptor", "1"), Attribute("LUTData", "1"))
_PERSON = Module(
    "Person Identification Macro",
    "PS3.3 10.1",
    (
        Attribute("PersonIdentificationCodeSequence", "1"),
        Attribute("InstitutionName", "1C", "no institution code"),
        Attribute("InstitutionCodeSequence", "1C", "no institution name", most_items=1),
    ),
)
_DESIGNATOR = Module(
    "HL7v2 Hierarchic Designator Macro",
    "PS3.3 10.17",
    (
        Attribute("LocalNamespaceEntityID", "1C", "no universal entity"),
        Attribute("UniversalEntityID", "1C", "no local entity"),
        Attribute("UniversalEntityIDType", "1C", "universal entity"),
    ),
)

ROWS: tuple[tuple[Module, tuple[str, ...]], ...] = (
    (
        _CONTENT,
        (
            "AcquisitionContextSequence",
            "ContentItemModifierSequence",
            "ProtocolContextSequence",
        ),
    ),
    (CODE, ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence", "AnatomicRegionModifierSequence")),
    (CODE, ("PrimaryAnatomicStructureModifierSequence",)),
    (
        INSTANCE_REFERENCE,
        (
            "ReferencedImageSequence",
            "SourceImageSequence",
            "SourceInstanceSequence",
            "ReferencedInstanceSequence",
            "ReferencedSOPSequence",
            "ReferencedPatientSequence",
            "ReferencedStudySequence",
            "ReferencedPerformedProcedureStepSequence",
            "ReferencedDefinedProtocolSequence",
            "ReferencedPerformedProtocolSequence",
            "ConversionSourceAttributesSequence",
        ),
    ),
    (
        Module(
            "HL7 Structured Document Reference",
            "PS3.3 C.12.1",
            (*INSTANCE_REFERENCE.attributes, Attribute("HL7InstanceIdentifier", "1")),
        ),
        ("HL7StructuredDocumentReferenceSequence",),
    ),
    (Module("VOI LUT Macro", "PS3.3 C.11.2", _TABLE, rules=(_ENTRIES,)), ("VOILUTSequence",)),
    (
        Module("Modality LUT Macro", "PS3.3 C.11.1", (*_TABLE, Attribute("ModalityLUTType", "1")), rules=(_ENTRIES,)),
        ("ModalityLUTSequence",),
    ),
    (
        Module(
            "Series and Instance Reference Macro",
            "PS3.3 10.4",
            (Attribute("SeriesInstanceUID", "1"), Attribute("ReferencedInstanceSequence", "1")),
        ),
        ("ReferencedSeriesSequence",),
    ),
    (
        Module(
            "Studies Containing Other Referenced Instances",
            "PS3.3 C.12.2",
            (Attribute("StudyInstanceUID", "1"), Attribute("ReferencedSeriesSequence", "1")),
        ),
        ("StudiesContainingOtherReferencedInstancesSequence",),
    ),
    (
        Module(
            "Related Series",
            "PS3.3 C.7.3.1",
            (
                Attribute("StudyInstanceUID", "1"),
                Attribute("SeriesInstanceUID", "1"),
                Attribute("PurposeOfReferenceCodeSequence", "2"),
            ),
        ),
        ("RelatedSeriesSequence",),
    ),
    (
        _PERSON,
        (
            "ReferringPhysicianIdentificationSequence",
            "ConsultingPhysicianIdentificationSequence",
            "PhysiciansOfRecordIdentificationSequence",
            "PhysiciansReadingStudyIdentificationSequence",
            "PerformingPhysicianIdentificationSequence",
            "OperatorIdentificationSequence",
        ),
    ),
    (
        _DESIGNATOR,
        (
            "AssigningFacilitySequence",
            "IssuerOfAccessionNumberSequence",
            "IssuerOfAdmissionIDSequence",
            "IssuerOfServiceEpisodeIDSequence",
        ),
    ),
    (
        Module(
            "Issuer of Patient ID Macro",
            "PS3.3 10.18",
            (Attribute("UniversalEntityIDType", "1C", "universal entity"),),
        ),
        ("IssuerOfPatientIDQualifiersSequence",),
    ),
    (
        Module("Other Patient IDs", "PS3.3 C.7.1.1", (Attribute("PatientID", "1"), Attribute("TypeOfPatientID", "1"))),
        ("OtherPatientIDsSequence",),
    ),
    (
        Module("Patient Group Macro", "PS3.3 C.7.1.4", (Attribute("PatientID", "1"),)),
        ("GroupOfPatientsIdentificationSequence", "SourcePatientGroupIdentificationSequence"),
    ),
    (
        Module(
            "Contributing Equipment",
            "PS3.3 C.12.1",
            (Attribute("PurposeOfReferenceCodeSequence", "1", most_items=1), Attribute("Manufacturer", "1")),
        ),
        ("ContributingEquipmentSequence",),
    ),
    (
        Module(
            "Original Attributes Macro",
            "PS3.3 C.12.1",
            (
                Attribute("SourceOfPreviousValues", "2"),
                Attribute("AttributeModificationDateTime", "1"),
                Attribute("ModifyingSystem", "1"),
                Attribute("ReasonForTheAttributeModification", "1"),
                Attribute("ModifiedAttributesSequence", "1", most_items=1),
            ),
        ),
        ("OriginalAttributesSequence",),
    ),
    (
        Module(
            "Encrypted Attributes",
            "PS3.3 C.12.1",
            (Attribute("EncryptedContentTransferSyntaxUID", "1"), Attribute("EncryptedContent", "1")),
        ),
        ("EncryptedAttributesSequence",),
    ),
    (
        Module(
            "MAC Parameters",
            "PS3.3 C.12.1.1.3",
            (
                Attribute("MACIDNumber", "1"),
                Attribute("MACCalculationTransferSyntaxUID", "1"),
                Attribute("MACAlgorithm", "1"),
                Attribute("DataElementsSigned", "1"),
            ),
        ),
        ("MACParametersSequence",),
    ),
    (
        Module(
            "Digital Signatures Macro",
            "PS3.3 C.12.1.1.3",
            (
                Attribute("MACIDNumber", "1"),
                Attribute("DigitalSignatureUID", "1"),
                Attribute("DigitalSignatureDateTime", "1"),
                Attribute("CertificateType", "1"),
                Attribute("CertificateOfSigner", "1"),
                Attribute("Signature", "1"),
                Attribute("CertifiedTimestampType", "1C", "certified timestamp"),
            ),
        ),
        ("DigitalSignaturesSequence",),
    ),
    (
        Module(
            "Icon Image",
            "PS3.3 F.7",
            (*(row for row in IMAGE_PIXEL.attributes if row.keyword != "PixelData"), Attribute("PixelData", "1")),
            rules=IMAGE_PIXEL.rules,
        ),
        ("IconImageSequence",),
    ),
    (Module("UDI Macro", "PS3.3 10.29", (Attribute("UniqueDeviceIdentifier", "1"),)), ("UDISequence",)),
)
_BY_SEQUENCE: Mapping[str, Module] = MappingProxyType(
    {sequence: module for module, sequences in ROWS for sequence in sequences}
)


def module_of(sequence: str) -> Module | None:
    """Find what the items of a sequence must hold.

    Parameters
    ----------
    sequence : str
        Its DICOM keyword.

    Returns
    -------
    Module or None
        `None` where nothing is asked.

    Examples
    --------
    >>> module_of("ViewCodeSequence").name, module_of("VOILUTSequence").clause
    ('Code Sequence Macro', 'PS3.3 C.11.2')
    """
    if sequence in _BY_SEQUENCE:
        return _BY_SEQUENCE[sequence]
    return CODE if sequence.endswith("CodeSequence") else None


_NOT_OF_PEOPLE = "of animals"
_SOUND = "of sound"
_PUBLISHED = "where coding schemes are published"
_PURPOSE = "checked as a reference; its purpose is asked for in one of its places only"
_PORTRAIT = "where to fetch a portrait of the patient"
_NOT_IN_PHOTOS = "of modules or objects that skin photographs do not use"
NOT_CHECKED_ITEMS: Mapping[str, str] = MappingProxyType(
    {
        "BreedRegistrationSequence": _NOT_OF_PEOPLE,
        "GeneticModificationsSequence": _NOT_OF_PEOPLE,
        "StrainStockSequence": _NOT_OF_PEOPLE,
        "MultiplexedAudioChannelsDescriptionCodeSequence": _SOUND,
        "RealWorldValueMappingSequence": _NOT_IN_PHOTOS,
        "QuantityDefinitionSequence": _NOT_IN_PHOTOS,
        "ReferencedPatientPhotoSequence": _PORTRAIT,
        "DICOMRetrievalSequence": _PORTRAIT,
        "DICOMMediaRetrievalSequence": _PORTRAIT,
        "WADORetrievalSequence": _PORTRAIT,
        "WADORSRetrievalSequence": _PORTRAIT,
        "XDSRetrievalSequence": _PORTRAIT,
        "ReferencedInstanceSequence": _PURPOSE,
        "ReferencedImageSequence": _PURPOSE,
        "CodingSchemeIdentificationSequence": _PUBLISHED,
        "CodingSchemeResourcesSequence": _PUBLISHED,
        "ContextGroupIdentificationSequence": _PUBLISHED,
        "MappingResourceIdentificationSequence": _PUBLISHED,
        "ChannelSourceSequence": _SOUND,
        "DeidentificationActionSequence": "of private elements",
        "PrivateDataElementCharacteristicsSequence": "of private elements",
        "PrivateDataElementDefinitionSequence": "of private elements",
        "NonconformingModifiedAttributesSequence": "holds what was wrong before, on purpose",
    }
)
