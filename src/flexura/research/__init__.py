"""Patients' photos made fit for research: nothing in them, or beside them, says who somebody is.

What may leave is a list of what is kept; everything else stays. Who a pseudonym is can be found in the clinic only.
"""
