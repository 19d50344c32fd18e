"""`redress import`: take a file of another system's complaints over, with a progress bar and a report by row."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Annotated, Final
from uuid import uuid4

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from app.access.admission import Admission
from app.cli.database import DataFolder, deployed, with_database
from app.cli.first_start import CannotStart, master_key
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import DeploymentClock
from app.imports.batches import Recording, Staff
from app.imports.broken import NotATable
from app.imports.deciders import Deployment
from app.imports.importer import Importer
from app.imports.jobs import Described, Import, ImportJobs
from app.imports.runner import ImportRunner
from app.imports.suggesting import suggested
from app.imports.uploads import MappingWrong, checked
from app.queries.cells import CellWords
from app.queries.files import csv_lines, sheet
from app.queries.imports import ImportQueries, RowFilter, RowView
from app.rules.rules_in_force import RulesInForce
from app.settings import Settings
from app.time import SandboxTime, check_deployment
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from procedures.library import Library
from procedures.rules import Rules
from wording import command_line as words
from wording.files import FILE, LINE_OF_FILE
from wording.imports import ENCODINGS, FAILURES
from wording.refusals import refusal_text
from wording.sentences import sentence
from wording.subjects import text

console = Console(highlight=False)
BY: Final = "command-line"
READ_AT_ONCE: Final = 256 * 1024
LOOK_SECONDS: Final = 0.1
SHOWN_AT_MOST: Final = 40  # remarks
MOST_REMARKS: Final = 2_000  # that are counted
NAMED_ROWS: Final = 5
MOST: Final = 2**40  # bytes
IS_SANDBOX: Final = "SELECT sandbox FROM deployment"


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), XLSX or NDJSON.", exists=True, dir_okay=False)],
    mapping: Annotated[
        Path | None, typer.Option(help="The mapping, YAML.", exists=True, dir_okay=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; take nothing.")] = False,
    suggest: Annotated[bool, typer.Option("--suggest", help="Print a first mapping for this file.")] = False,
    procedure: Annotated[str, typer.Option(help="With --suggest: the procedure of the mapping.")] = "general",
    report: Annotated[
        Path | None, typer.Option(help="Where to write the report by row: CSV, or XLSX by its name.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who imports, as the history will show.")] = BY,
    data: DataFolder = None,
) -> None:
    """Take complaints of another system over with their steps; nobody is told. Try it with --dry-run first."""
    with refusals():
        if suggest:
            _suggest(file, procedure)
            return
        if mapping is None:
            raise CannotStart(said(words.MAPPING_MISSING))
        settings = deployed(data)
        try:
            described = Described(file.name, mapping.read_text("utf-8-sig"))
        except UnicodeDecodeError:
            raise CannotStart(said(words.MAPPING_NOT_UTF8)) from None
        one = with_database(
            settings,
            lambda pool, url: _imported(pool, url, settings, file, described, by, report, dry_run=dry_run),
        )
    if one.state != "done":
        raise typer.Exit(1)


def _suggest(file: Path, procedure: str) -> None:
    rules = Library.ready().procedures
    if procedure not in rules:
        raise CannotStart(said(words.NO_PROCEDURE, name=procedure, known=tuple(rules)))
    with file.open("rb") as opened:
        try:
            typer.echo(suggested(opened, rules[procedure], spoken_language()), nl=False)
        except NotATable as error:
            raise CannotStart(refusal_text(error, spoken_language())) from None


async def _imported(
    pool: asyncpg.Pool, url: str, settings: Settings, file: Path, described: Described, by: str, report: Path | None,
    *, dry_run: bool,
) -> Import:  # fmt: skip
    master = MasterKey.from_base64(master_key(settings))
    sandbox = bool(await pool.fetchval(IS_SANDBOX))
    await check_deployment(pool, sandbox=sandbox, fingerprint=master.fingerprint)
    async with DeploymentClock(pool) as clock, EventLog(pool) as log:
        now = (await SandboxTime.open(pool)).now if sandbox else clock.now
        rules, jobs = await RulesInForce.load(pool, now()), ImportJobs(pool, master)
        with file.open("rb") as opened:
            _check(opened, described, rules)
            one = await jobs.unfinished(described.mapping, _content(opened), dry_run=dry_run)
            if one is not None:
                console.print(said(words.IMPORT_GOES_ON, rows=one.rows_done))
            else:
                # A file of this machine may be of any size: the bound is for what others send.
                one, _ = await jobs.new(uuid4(), described, by, _content(opened), dry_run=dry_run, at=now(), most=MOST)
        async with Admission(pool, master, rules, now) as access:
            recording = Recording(log, EventCodec(master), Complainants(pool, master), rules, master, jobs)
            importer = Importer(
                recording, now, lambda: Staff(access.directory.people, access.units_to_ask()),
                Deployment(url, master.secret),
            )  # fmt: skip
            async with ImportRunner(pool, importer):  # unless the service does it, which runs already
                one = await _watched(jobs, one)
        await _tell(jobs, one, report, rules, by)
    return one


def _check(file: IO[bytes], described: Described, rules: RulesInForce) -> None:
    language = spoken_language()
    try:
        checked(file, described.mapping, rules)
    except NotATable as error:
        raise CannotStart(refusal_text(error, language)) from None
    except MappingWrong as error:
        lines = [
            sentence(LINE_OF_FILE, language, line=it.line, field=it.field or FILE, message=it.in_words(language))
            for it in error.mistakes
        ]
        raise CannotStart("\n".join([refusal_text(error, language), *lines])) from None


async def _content(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while part := await asyncio.to_thread(file.read, READ_AT_ONCE):
        yield part


async def _watched(jobs: ImportJobs, one: Import) -> Import:
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    with bar:
        task = bar.add_task(one.described.file, total=None)
        while not one.is_over:
            await asyncio.sleep(LOOK_SECONDS)
            one = await jobs.one(one.id)
            bar.update(task, completed=one.rows_done, total=one.rows_total)
    return one


async def _tell(jobs: ImportJobs, one: Import, report: Path | None, rules: Rules, by: str) -> None:
    language = spoken_language()
    words_of_it = words.IMPORT_WAS_TRIED if one.dry_run else words.IMPORT_IS_DONE
    written_in = ENCODINGS.get(one.encoding or "", text("tables", one.format or "", language))
    state = text("imports", one.state, language)
    line = said(words_of_it, state=state, rows=one.rows_done, encoding=written_in, id=one.id)
    console.print(line, soft_wrap=True)
    if one.failure is not None:
        console.print(f"  {FAILURES[one.failure].in_(language)}", soft_wrap=True)
    for outcome, count in one.counts.items():
        console.print(f"  {text('imported', outcome, language)}: {count}")
    reader = Actor(by, frozenset({"admin"}))
    rows, lines = await ImportQueries(jobs).report(one.id, reader, language, RowFilter())
    remarked = _Remarked()
    async for page in rows.whole():
        for row in page:
            remarked.take(row)
    for told in remarked.told():
        console.print(f"  {told}", soft_wrap=True, markup=False)
    if report is not None:
        cells = CellWords(rules, language)
        is_workbook = report.suffix.lower() == ".xlsx"
        content = await sheet(lines, cells) if is_workbook else csv_lines(lines, cells)
        with report.open("wb") as opened:
            async for part in content:
                await asyncio.to_thread(opened.write, part)
        console.print(said(words.REPORT_WRITTEN, path=report))
    elif remarked.is_cut:
        console.print(said(words.REPORT_IS_LONGER))


class _Remarked:
    """What was remarked of the rows, each thing once: of how many rows, and of which first."""

    def __init__(self) -> None:
        self._rows: dict[tuple[bool, str], list[int]] = {}
        self._counts: Counter[tuple[bool, str]] = Counter()
        self.is_cut = False

    def take(self, row: RowView) -> None:
        for remark in row.remarks:
            thing = (row.outcome != "refused", remark.text)
            if thing not in self._rows and len(self._rows) >= MOST_REMARKS:
                self.is_cut = True
                continue
            self._counts[thing] += 1
            rows = self._rows.setdefault(thing, [])
            if len(rows) < NAMED_ROWS:
                rows.append(row.row)

    def told(self) -> Iterator[str]:
        """Why rows were refused first, then what most rows have in common."""
        things = sorted(self._counts, key=lambda thing: (thing[0], -self._counts[thing], self._rows[thing]))
        self.is_cut = self.is_cut or len(things) > SHOWN_AT_MOST
        for thing in things[:SHOWN_AT_MOST]:
            rows, count = self._rows[thing], self._counts[thing]
            form = words.REMARKED if count == len(rows) else words.REMARKED_OF_MANY
            outcome = words.NOT_TAKEN if not thing[0] else words.TAKEN_WITH
            yield said(form, outcome=outcome, rows=tuple(map(str, rows)), count=count, remarks=thing[1])
