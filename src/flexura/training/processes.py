"""Several processes that share every batch, started by `torchrun`; one process alone needs none of it.

Every process holds the whole network and computes its rows of a batch. Losses are sums over the count of
the whole batch, so adding the processes' gradients gives the gradient that one process would have found.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.elastic.utils.api import get_env_variable_or_raise
from torch.distributed.rendezvous import rendezvous


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this is; the first one writes and watches."""

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the run's files."""
        return self.rank == 0


ALONE = Ranks()


@contextmanager
def joined() -> Iterator[Ranks]:
    """Join the processes that `torchrun` started, if it did, and part from them at the end."""
    if not distributed.is_torchelastic_launched():
        yield ALONE
        return
    store, rank, count = next(rendezvous("env://"))
    # The store outlives a restart, and with it the addresses of dead processes: every attempt has its own names.
    own = PrefixStore(get_env_variable_or_raise("TORCHELASTIC_RESTART_COUNT"), store)
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend, store=own, rank=rank, world_size=count)
    try:
        yield Ranks(rank, count)
    finally:
        distributed.destroy_process_group()


def add_up(tensors: Iterable[Tensor], ranks: Ranks) -> None:
    """Replace tensors by their sums over all processes, in one message."""
    given = list(tensors)
    if ranks.count == 1 or not given:
        return
    flat = torch.cat([tensor.detach().reshape(-1) for tensor in given])
    distributed.all_reduce(flat)
    pieces = torch.split(flat, [tensor.numel() for tensor in given])
    for tensor, summed in zip(given, pieces, strict=True):
        tensor.detach().copy_(summed.view_as(tensor))


def from_leader(value: Tensor, ranks: Ranks) -> Tensor:
    """The first process's tensor, in all of them."""
    if ranks.count > 1:
        distributed.broadcast(value, 0)
    return value


def wait_for_all(ranks: Ranks) -> None:
    """Go on when every process has come here, so that all find the files that the first one wrote."""
    if ranks.count > 1:
        distributed.barrier()
