"""The model in force: what it is for, what was measured of it, and, for who may, how its answers go in this clinic."""

from typing import Final

from fastapi import Request, Response

from flexura.features.colour import TONE_CLASSES
from flexura.inference.card import read_card
from flexura.monitoring.feedback import MIN_CASES, Agreement
from flexura.monitoring.running import Share
from flexura.security.roles import GRANTS, Scope
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.web.frame import go, show

_GROUPS: Final = ("skin tone", "age group", "sex")
_TONES: Final = {f"{number}": name for number, (_, name) in enumerate(TONE_CLASSES, 1)}


def show_model(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Show what the model in force is, what it may be used for, and what was measured of it; to some, how it goes."""
    bundle = clinic.assessor.bundle
    may = GRANTS[caller.actor.role, "monitoring.run"] is not Scope.NO
    measured = clinic.measurements.find(caller.actor.tenant) if may else None
    return show(
        request,
        "model.html",
        bundle=bundle,
        card=read_card(bundle),
        measured=measured,
        groups=group_shares(measured.watched.agreement) if measured and measured.watched else (),
        fewest=MIN_CASES,
    )


def watch_model(caller: Asking, clinic: Wired) -> Response:
    """Begin to measure how the answers of the last 90 days differ from those before, and how clinicians judged them.

    It is what `flexura monitor` computes, over one window; each patient whose answers are read is on record.
    """
    clinic.measurements.begin(clinic.store, caller.actor)
    return go("/model")


def show_work(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Show how far the measurement is; a piece of a page, which a script looks at again."""
    return show(request, "measuring.html", measured=clinic.measurements.find(caller.actor.tenant))


def cancel(caller: Asking, clinic: Wired) -> Response:
    """Cancel the measurement."""
    clinic.measurements.cancel(caller.actor.tenant)
    return go("/model")


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
