"""Records in, signals out: how well the answers hold, measured in one place.

Training and live monitoring read the same functions, so their numbers cannot disagree.
"""
