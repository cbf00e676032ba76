"""The whole patient from several photos: which parts of the body were seen, scores with bounds, change over visits.

`visit` is the way in for photos of one day, `change` compares days, `document` turns both into JSON.
"""
