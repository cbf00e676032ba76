"""What the fused vector says: diagnosis, and ordinal grades of the six signs and the IGA.

Ordinal heads are CORN (Shi, Cao & Raschka 2023, doi 10.1007/s10044-023-01181-9): logit k is
the log-odds of "above grade k" given "above grade k - 1", so grades can never be out of order.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid


class Heads(nn.Module):
    """Diagnosis logits (T), sign logits (6 x 3) and IGA logits (4) from the fused vector."""

    def __init__(self, embedding: int, codes: int, *, signs: int = 6, dropout: float = 0.2) -> None:
        super().__init__()
        self.signs = signs
        self.dropout = nn.Dropout(dropout)
        self.diagnosis = nn.Linear(embedding, codes)
        self.sign_grades = nn.Linear(embedding, signs * 3)
        self.iga_grades = nn.Linear(embedding, 4)

    def forward(self, fused: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map (B, embedding) to diagnosis (B, T), signs (B, 6, 3) and IGA (B, 4) logits."""
        dropped = self.dropout(torch.relu(fused))
        signs = self.sign_grades(dropped).unflatten(1, (self.signs, 3))
        return self.diagnosis(dropped), signs, self.iga_grades(dropped)


def corn_probabilities(logits: Tensor) -> Tensor:
    """Grade probabilities from CORN logits.

    Parameters
    ----------
    logits : (..., K)
        Conditional log-odds of "above grade k", k = 0 .. K-1.

    Returns
    -------
    (..., K + 1)
        Probability of each grade 0 .. K; sums to 1.
    """
    above = logsigmoid(logits).cumsum(-1).exp()
    one = torch.ones_like(above[..., :1])
    return torch.cat([one, above], -1) - torch.cat([above, 0 * one], -1)
