"""Sets of photos as their owners publish them, one file per set: where the photos are and what each label means."""
