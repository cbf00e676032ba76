"""Diagnostic criteria of atopic dermatitis, from what was told of the patient: met, not met, or cannot be told.

`judge` is the way in; the sets stand in `sets`, what answers a criterion in `told`. The photo does not enter.
"""
