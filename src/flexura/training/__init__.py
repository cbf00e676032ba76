"""From a manifest of photos to a bundle: data, losses, evaluation and release; uses torch."""
