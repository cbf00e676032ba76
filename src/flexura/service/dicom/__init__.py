"""Photos handed in over a network as DICOM has it (C-STORE): `network` listens, `filing` stores, `statuses` answers."""
