"""The model in force: what it is for, what was measured of it, and, for who may, how its answers go in this clinic."""

from datetime import timedelta
from typing import Final

from fastapi import Request, Response

from flexura.features.colour import TONE_CLASSES
from flexura.inference.card import read_card
from flexura.monitoring.feedback import MIN_CASES, Agreement
from flexura.monitoring.running import Share
from flexura.monitoring.watch import Watched, watch
from flexura.service.auth import Asking
from flexura.service.clinic import Clinic, Wired
from flexura.service.web.frame import show
from flexura.storage.signals import read_sides

_DAYS: Final = 90
_GROUPS: Final = ("skin tone", "age group", "sex")
_TONES: Final = {f"{number}": name for number, (_, name) in enumerate(TONE_CLASSES, 1)}


def show_model(request: Request, clinic: Wired) -> Response:
    """Show what the model in force is, what it may be used for, how it was made and what was measured of it."""
    return _show(request, clinic)


def watch_model(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Measure how the answers of the last 90 days differ from those before, and how clinicians judged them.

    It is what `flexura monitor` computes, over one window; each patient whose answers are read is on record.
    """
    until = clinic.store.clock().date() + timedelta(days=1)
    sides = read_sides(clinic.store, caller.actor, until=until, days=_DAYS)
    return _show(request, clinic, watch(sides.now, sides.before, window=max(1, len(sides.now)), refused=sides.refused))


def _show(request: Request, clinic: Clinic, watched: Watched | None = None) -> Response:
    bundle = clinic.assessor.bundle
    return show(
        request,
        "model.html",
        bundle=bundle,
        card=read_card(bundle),
        watched=watched,
        groups=group_shares(watched.agreement) if watched else (),
        fewest=MIN_CASES,
        days=_DAYS,
    )


def group_shares(agreement: Agreement) -> tuple[tuple[str, Share], ...]:
    """List how often clinicians agreed, by the groups of people that are large enough to be told.

    Parameters
    ----------
    agreement : Agreement
        Leaves out groups of fewer than `MIN_CASES` itself.

    Returns
    -------
    tuple[tuple[str, Share], ...]
        By what the group was made, and its share; skin tones bear their names.
    """
    found = [(kind, share) for kind in _GROUPS for share in agreement.subgroups[kind]]
    return tuple((kind, _named(share) if kind == "skin tone" else share) for kind, share in found)


def _named(share: Share) -> Share:
    return Share(_TONES.get(share.name, share.name), share.count, share.of, share.low, share.high)
