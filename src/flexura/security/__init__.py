"""Keys, encryption, the audit log's proofs, roles, passwords and sessions; the only room that knows cryptography.

It knows no database and no web: bytes and records in, bytes and records out. Clock and randomness are arguments.
"""
