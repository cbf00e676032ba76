"""What `flexura evaluate` measured of a bundle, for people: `card.json`, to lie beside the bundle, and `tables.md`.

Both say the figures of `evaluation.json`, rounded as the documents give them.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flexura.decision.tone_groups import TONE_GROUPS
from flexura.errors import ManifestError
from flexura.inference.card import CARD_FILE, FORMAT
from flexura.records import ModelInfo
from flexura.training.subgroups import GROUPS

TABLES_FILE: Final = "tables.md"
# Nothing in a manifest tells these of a photo, so no figure can be given by them.
NOT_KNOWN: Final = ("age", "sex")
# Name on the card, where evaluation.json has the figure, and decimals.
_FIGURES: Final = (
    ("top1", ("subgroups", "all", "top1"), 2),
    ("top3", ("subgroups", "all", "top3"), 2),
    ("eczema_auc", ("subgroups", "all", "eczema_auc"), 2),
    ("calibration_error", ("calibration", "expected_calibration_error"), 3),
    ("signs_kappa", ("signs_kappa", "mean_of_signs"), 2),
    ("iga_kappa", ("signs_kappa", "iga"), 2),
    ("outline_iou", ("maps", "lesion_iou"), 2),
    ("area_error_points", ("maps", "area_median_error_points"), 1),
)
_WITH_INTERVAL: Final = ("top1", "top3", "eczema_auc")

Told = Mapping[str, Any]


def write_card(out: Path, figures: Told, model: ModelInfo, *, unseen: Told | None) -> None:
    """Write `card.json`.

    Parameters
    ----------
    out : Path
        A folder.
    figures : Mapping
        What `evaluation.json` holds of the bundle.
    model : ModelInfo
        Of the bundle.
    unseen : Mapping or None
        Of `read_unseen`; None where nothing was measured on sources that training never saw.
    """
    card = {
        "format": FORMAT,
        "model": {"name": model.name, "version": model.version},
        "photos": figures["subgroups"]["all"]["photos"],
        "figures": list(_whole(figures)),
        "unseen_sources": unseen,
        "groups": [_group(row) for row in figures["subgroups"].values()],
        "tones": list(_tones(figures["calibration"]["sets_by_tone"])),
        "not_known": NOT_KNOWN,
    }
    (out / CARD_FILE).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _whole(figures: Told) -> Iterator[dict[str, object]]:
    for name, place, decimals in _FIGURES:
        value: Any = figures
        for step in place:
            value = value[step]
        if value is not None:
            yield {"name": name, "value": round(value, decimals)} | _sure(figures["intervals"].get(name))


def _sure(interval: Told | None) -> dict[str, object]:
    return {"interval": _bounds(interval)} if interval else {}


def _bounds(interval: Told) -> list[float]:
    return [round(interval["low"], 2), round(interval["high"], 2)]


def _group(row: Told) -> dict[str, object]:
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}
    return rounded | {"interval": _bounds(row["interval"]) if row["interval"] else None}


def _tones(sets: Told) -> Iterator[dict[str, object]]:
    for name, _ in reversed(TONE_GROUPS):
        row = sets.get(name)
        if row is not None and row["coverage"] is not None:
            measured = {"coverage": round(row["coverage"], 2), "mean_set": round(row["mean_size"], 1)}
            yield {"name": name.replace("_", " "), "photos": row["photos"]} | measured


def read_unseen(path: Path) -> Told:
    """Read what was measured on sources that a training never saw, as a card holds it.

    Parameters
    ----------
    path : Path
        `evaluation.json` of a checkpoint that was trained without some sources, or the card of an earlier model, whose
        figures go on.

    Returns
    -------
    Mapping
        Photos, the network in words, and figures.

    Raises
    ------
    ManifestError
        If the file cannot be read or holds no such figures.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("format") == FORMAT:
            return dict(told["unseen_sources"])
        kept_out = told["sources_kept_out_of_training"]
        known = [(name, kept_out[name]) for name in _WITH_INTERVAL if kept_out[name]]
        rows = [{"name": name, "value": round(row["estimate"], 2)} | _sure(row) for name, row in known]
        return {"photos": kept_out["photos"], "network": kept_out["network"], "figures": rows}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ManifestError(f"{path.name} tells nothing of sources that a training never saw") from error


def write_tables(out: Path, figures: Told) -> None:
    """Write `tables.md`: subgroups, groups of diagnoses that are confused, and each diagnosis, as Markdown.

    Parameters
    ----------
    out : Path
        A folder.
    figures : Mapping
        What `evaluation.json` holds.
    """
    tables = (
        _subgroup_lines(figures["subgroups"], fold=figures["fold"]),
        _confusion_lines(figures["confusion_of_groups"]),
        _code_lines(figures["by_code"]),
    )
    (out / TABLES_FILE).write_text("\n\n".join("\n".join(lines) for lines in tables) + "\n", encoding="utf-8")


def _subgroup_lines(subgroups: Told, *, fold: int) -> Iterator[str]:
    yield from _head(f"photos of fold {fold}", "n", "top-1", "top-3", "eczema", "AUC", "calibration error")
    for title, row in subgroups.items():
        sure = row["interval"]
        top1 = f"{row['top1']:.2f}" + (f" ({sure['low']:.2f} to {sure['high']:.2f})" if sure else "")
        auc = "none" if row["eczema_auc"] is None else f"{row['eczema_auc']:.2f}"
        yield _line(
            title,
            row["photos"],
            top1,
            f"{row['top3']:.2f}",
            row["eczema_photos"],
            auc,
            f"{row['calibration_error']:.2f}",
        )


def _confusion_lines(confusion: Told) -> Iterator[str]:
    yield from _head("true group", *(name.replace("_", " ") for name in GROUPS))
    for name, row in confusion.items():
        yield _line(name.replace("_", " "), *row.values())


def _code_lines(codes: Told) -> Iterator[str]:
    yield from _head("diagnosis", "n", "found first", "among three", "said, rightly", "most often said instead")
    for code, row in codes.items():
        instead = ", ".join(f"{other.replace('_', ' ')} ({count})" for other, count in row["instead"].items())
        rightly = f"{row['first']} of {row['said']}"
        yield _line(code.replace("_", " "), row["photos"], row["first"], row["among three"], rightly, instead)


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield _line(*["---"] * len(names))


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
