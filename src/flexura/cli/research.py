"""The verbs of `admin` for research: a de-identified export, and the way back from a pseudonym."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flexura.cli.console import console_actor, tenant_option
from flexura.errors import FileUnreadable
from flexura.settings import Settings, open_reader, open_store

if TYPE_CHECKING:
    from flexura.research.export import Exported, Study
    from flexura.storage.store import Store

_STUDY = click.option("--study", required=True, help="The study's name; its pseudonyms are its own.")
_FILE = click.Path(path_type=Path)

_EXAMPLE = """\b
Example:
  flexura admin export-research out --study atopy-1 --for rita --review look.jsonl
  (a person completes look.jsonl as decided.jsonl: release, mask, by)
  flexura admin export-research out2 --study atopy-1 --for rita --review rest.jsonl --decided decided.jsonl"""


@click.command("export-research", epilog=_EXAMPLE)
@click.argument("folder", type=_FILE)
@_STUDY
@click.option("--for", "name", required=True, metavar="USER", help="The researcher who gets it.")
@click.option("--review", required=True, type=_FILE, help="New file: photos that a person must look at first.")
@click.option("--decided", type=_FILE, help="What a person decided of such photos.")
@click.option("--patients", type=_FILE, help="Ids of patients, one a line; everybody if not given.")
@tenant_option
@click.pass_obj
def export_research(settings: Settings, /, folder: Path, study: str, name: str, **options: Path | str | None) -> None:
    """Write cases and photos without what identifies patients; what is doubtful waits for a person."""
    store = open_store(settings)
    from flexura.research.decisions import read_decisions, write_questions
    from flexura.research.export import Study
    from flexura.storage.research import find_researcher

    decided, patients, review = (options[each] for each in ("decided", "patients", "review"))
    with store.visit(console_actor(str(options["tenant"]))) as visit:
        researcher = find_researcher(visit, name)
    wanted = Study(
        study,
        researcher,
        _read_ids(Path(patients)) if patients else None,
        read_decisions(Path(decided)) if decided else {},
    )
    exported = _export(settings, store, wanted, folder)
    write_questions(Path(str(review)), exported.questions)
    told = f"Exported {exported.photos} photos of {exported.cases} cases of {exported.patients} patients."
    click.echo(f"{told} {len(exported.questions)} photos wait for a person, {exported.refused} could not be read.")


@click.command("reidentify", epilog="\b\nExample:\n  flexura admin reidentify --study atopy-1 K7Q2M4XW5B6ZP3RA")
@click.argument("pseudonym")
@_STUDY
@tenant_option
@click.pass_obj
def reidentify(settings: Settings, pseudonym: str, study: str, tenant: str) -> None:
    """Tell which patient a study's pseudonym is; it stands in the audit log."""
    store = open_store(settings)
    from flexura.research.pseudonyms import Pseudonyms
    from flexura.storage import research

    with store.visit(console_actor(tenant)) as visit:
        pseudonyms = Pseudonyms(research.study_secret(visit, study))
        found = research.reidentify(visit, pseudonym, lambda patient: pseudonyms.name("patient", patient))
    click.echo(found)


def _export(settings: Settings, store: "Store", study: "Study", folder: Path) -> "Exported":
    from flexura.research.export import Desk, export_study
    from flexura.research.text import find_reader

    find_text = find_reader().find
    with ExitStack() as opened:
        read = opened.enter_context(open_reader(settings)).read
        return export_study(study, folder, desk=Desk(store, read, find_text))


def _read_ids(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("The file of patients' ids cannot be read.") from error
