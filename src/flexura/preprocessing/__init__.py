"""Photo -> photo: what hinders the view is taken away, and every step says what it did.

Pure functions of sRGB uint8 (H, W, 3) pixels; each gives new pixels, its record and, where it touches single
pixels, a mask of them. Knows nothing of files, networks or diseases. Lengths in pixels hold for a longest side
of 512 px and grow with the picture.
"""
