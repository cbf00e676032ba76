"""Why: what the photo and the context show in a dermatologist's words, and which diagnoses that speaks for and against.

Tables with a source per row; docs/findings.md shows them. A finding is present, absent or cannot be told, and
nothing here is weighed: the network's probabilities do not come from these tables.
"""
