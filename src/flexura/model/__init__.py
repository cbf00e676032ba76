"""The network: tensors in, logits and maps out. Knows nothing of files, patients or thresholds."""
