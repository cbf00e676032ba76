"""From a manifest of photos to a bundle: data, losses, stages, evaluation and export. The only room, with model, that uses torch."""
