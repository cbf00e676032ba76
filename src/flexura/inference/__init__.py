"""Running a trained network: the bundle on disk, the predictor, and how a bundle is made. Answers without torch."""
