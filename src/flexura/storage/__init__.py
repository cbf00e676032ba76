"""The only door to a clinic's data on disk: database, photo files, jobs, backups; all encrypted by `security`.

`store.Store.visit` is the way in: a patient's key is handed out only against an entry in the audit log.
"""
