"""What cannot wait: rules over what was told, seen and thought probable, each with its source and what to do.

A table that docs/guidance.md shows. Silence excludes nothing: what was not asked for cannot be told, and the photo
alone raises few flags.
"""
