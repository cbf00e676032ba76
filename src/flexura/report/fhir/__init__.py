"""The answer as HL7 FHIR R4: one Bundle per assessment, made of the assessment's document alone.

R4 (4.0.1), because that is what hospitals' systems take. Nothing here is a diagnosis: every status is preliminary
until a clinician has agreed, and the report says what it is.
"""
