"""The outside: the clinic's web service. The only room that speaks web; it needs the extra `flexura[server]`.

What it serves is one table (`routes`); who may is asked of `security.roles`; all data goes through `storage`.
"""
