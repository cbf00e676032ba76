"""Answers for people: the text on the terminal, the overlay picture and the HTML page.

Knows records and how they look; scores nothing, reads and writes no files.
"""
