"""What published guidelines offer for eczema like this one: options for the clinician, never a prescription.

Tables with source, version, year and strength per row; docs/guidance.md shows them. Where guidelines differ, their
rows stand side by side. Doses are left to the formulary, and what was not told is never guessed.
"""
