"""The command line: arguments only; what they ask for is done elsewhere."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from mali_analysis.coding.package import DEFAULT
from mali_analysis.errors import MaliError

OK, FAILED, INTERRUPTED, STOPPED = 0, 1, 130, 143
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class _Group(click.Group):
    """Turns refusals into one clear line each and exit status 2; ``--debug`` lets the traceback through."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _refuse(error)
        except BrokenPipeError:  # whoever read our output has enough; click ends without a word
            raise
        except MaliError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(error.args[0], err=True)
            sys.exit(error.status)
        except OSError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"{error.filename}: {error.strerror}" if error.filename else str(error), err=True)
            sys.exit(FAILED)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of the arguments for the command, read in a terminal of any encoding."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _refuse(error)


def _refuse(error: click.UsageError) -> NoReturn:
    """Ends with one line on arguments that cannot be; asked for nothing, shows the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        name = error.ctx.info_name if error.ctx and error.ctx.parent else ""
        told = " ".join(error.format_message().split())
        click.echo(f"{name}{': ' if name else ''}{told}{_tell_allowed(error)}", err=True)
    sys.exit(error.exit_code)


def _tell_allowed(error: click.UsageError) -> str:
    """The commands or options there are, where one was asked for that is not among them."""
    command = error.ctx.command if error.ctx else None
    if isinstance(error, click.NoSuchOption) and command:
        return f" allowed: {', '.join(name for p in command.params for name in p.opts if name.startswith('-'))}"
    if isinstance(command, click.Group) and "No such command" in error.message:
        return f" allowed: {', '.join(command.commands)}"
    return ""


class _Path(click.Path):
    """A path; one with a NUL, of which no system knows what to do, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "\0" in os.fspath(value):
            self.fail(f"{value!r} has a NUL. allowed: a path", param, ctx)
        return super().convert(value, param, ctx)


_data_option = click.option(
    "--data", type=_Path(path_type=Path), help="Data folder; default: MALI_DATA, else the one that comes along."
)
_chapter_option = click.option("--chapter", "chapter_id", default=DEFAULT, metavar="ID", help=f"Default: {DEFAULT}.")


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mali-analysis")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def main(debug: bool) -> None:
    """The Mali chapter of Country Reports on Terrorism 2020 as audited data and reproducible notebooks."""


@main.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="Give a parameter; see params.")
@click.option("--plan", type=_Path(path_type=Path), help="A YAML list of notebooks and parameters to sweep.")
@click.option("--all-chapters", is_flag=True, help="Do it for every chapter of the data folder.")
@_data_option
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Notebooks at once; default: the cores at hand.")
@click.option("--output", type=_Path(path_type=Path), help="Folder for the report.")
@click.option("--pdf", is_flag=True, help="Print the brief and the whole report as PDF too.")
@click.option("--force", is_flag=True, help="Do all work again, whatever the cache holds.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds that one notebook may take.")
@click.option(
    "--keep", type=click.IntRange(min=0), default=0, metavar="N", help="Keep N earlier reports, by day and time."
)
@click.option("--news", is_flag=True, help="Say nothing where nothing changed.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Let a Dask cluster do the work.")
def run(notebooks: tuple[str, ...], parameters: tuple[tuple[str, str], ...], plan: Path | None,
        all_chapters: bool, data: Path | None, jobs: int | None, output: Path | None, pdf: bool, force: bool,
        timeout: float | None, keep: int, news: bool, scheduler: str) -> None:  # fmt: skip
    """Run notebooks (all, if none is named) and write their pages."""
    from mali_analysis.coding import package, schema
    from mali_analysis.runs import place, plans, processes, runner
    from mali_analysis.runs.pdf import BrowserError

    processes.open_standard_streams()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    root = schema.choose_root(data)
    chapters = package.list_chapters(root) if all_chapters else []
    planned = plans.plan_jobs(list(notebooks), list(parameters), plan, chapters)
    target = output or plans.choose_output(planned, everything=not notebooks and not plan)
    known = _started(target)
    before = signal.getsignal(signal.SIGINT)
    interrupts: list[int] = []

    def interrupt(number: int, _: object) -> None:
        interrupts.append(number)  # so that one which a library swallows is not forgotten
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupt)  # from here on there is something to clear away
        done = runner.run(planned, target, jobs or os.cpu_count() or 1, root, force, pdf, timeout, scheduler, keep)
        if interrupts:
            raise KeyboardInterrupt
    except BrowserError:
        click.echo(f"{target / place.INDEX}")
        raise
    except KeyboardInterrupt:
        click.echo("stopped; what is finished is kept, and the next run goes on from there", err=True)
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)
    failed = [result.error for result in done if result.error]
    for line in failed:
        click.echo(line, err=True)
    if failed:
        click.echo(f"{place.failed_of(target) / place.INDEX} shows what failed; {target} is as it was", err=True)
        sys.exit(FAILED)
    changes = _tell_changes(target / place.MANIFEST, planned[0].chapter_id) if known != _started(target) else []
    for line in changes:
        click.echo(line)
    if changes or not news or not known:
        click.echo(f"{target / place.INDEX}")


def _started(target: Path) -> str:
    """When the run began that made the report in place; empty where there is none."""
    from mali_analysis.runs import report

    return str((report.read_manifest(target) or {}).get("started", ""))


def _tell_changes(manifest: Path, chapter_id: str) -> list[str]:
    """What a run changed: chapter and page, then both sentences of each headline."""
    lines = []
    for change in json.loads(manifest.read_text(encoding="utf-8"))["changes"]:
        lines.append(", ".join(filter(None, [change.get("chapter_id", chapter_id), change["job"]])))
        lines += [f"  {which}: {change[which]}" for which in ("before", "now") if change[which]]
    return lines


@main.command()
@click.argument("folder", required=False, type=_Path(path_type=Path), metavar="[DIR]")
def validate(folder: Path | None) -> None:
    """Check a data folder or one chapter; one line for each violation."""
    from mali_analysis.coding import checks, schema

    faults: list[schema.Violation] = []
    for chapter_id, found, rows in checks.validate(folder or schema.choose_root()):
        faults += found
        if not found:
            click.echo(f"{chapter_id}: {rows} rows, no violations")
    if faults:
        raise schema.DataError(list(dict.fromkeys(faults)))


@main.command()
@click.argument("record_id")
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "chicago"]), default="text", show_default=True)
@_chapter_option
@_data_option
def cite(record_id: str, form: str, chapter_id: str, data: Path | None) -> None:
    """Show the words that a record rests on, or how to cite them."""
    from mali_analysis import citing
    from mali_analysis.chapter import load_chapter

    click.echo(citing.cite_record(load_chapter(chapter_id, data), record_id, form))


@main.command()
@click.argument("notebook", required=False)
@_chapter_option
@_data_option
def params(notebook: str | None, chapter_id: str, data: Path | None) -> None:
    """List the parameters of the notebooks: name, type, default, meaning, and what a chapter allows."""
    from mali_analysis import parameters
    from mali_analysis.chapter import load_chapter
    from mali_analysis.runs import plans

    chapter = load_chapter(chapter_id, data)
    for name, own in plans.read_all(plans.choose_notebooks([notebook] if notebook else [])).items():
        click.echo(name)
        for parameter in own.values():
            click.echo(f"  {parameter.name}: {parameter.type} = {parameter.default!r}\n    {parameter.meaning}")
            click.echo(f"    allowed: {parameters.allowed_values(parameter.name, parameter.type, chapter)}")


@main.command("package")
@click.argument("chapter_id")
@_data_option
def write_package(chapter_id: str, data: Path | None) -> None:
    """Write a chapter's datapackage.json anew from the schema and its facts (of the world's files: world)."""
    from mali_analysis.coding import package, schema

    root = schema.choose_root(data)
    if chapter_id != schema.WORLD:
        package.folder_of(root, chapter_id)
    click.echo(package.write_package(root, chapter_id))


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--at", default="06:00", metavar="HH:MM", help="Time of day; default: 06:00.")
@click.option("--day", type=click.Choice(WEEK), help="Day of the week; default: every day.")
@click.option("--systemd", is_flag=True, help="A systemd service and timer instead of a crontab line.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT OF RUN]...")
def schedule(at: str, day: str | None, systemd: bool, arguments: tuple[str, ...]) -> None:
    """Print a crontab line, or a systemd service and timer, for a regular run from this folder."""
    from mali_analysis.coding import package, schema
    from mali_analysis.runs import plans, schedules

    schedules.check(list(arguments), Path.cwd(), at)
    asked = run.make_context("run", list(arguments)).params
    root = schema.choose_root(asked["data"])
    chapters = package.list_chapters(root) if asked["all_chapters"] else []
    jobs = plans.plan_jobs(list(asked["notebooks"]), list(asked["parameters"]), asked["plan"], chapters)
    plans.check_values(jobs, root)
    if not systemd:
        click.echo(schedules.crontab_line(list(arguments), Path.cwd(), at, day))
        return
    for name, content in schedules.systemd_units(list(arguments), Path.cwd(), at, day).items():
        click.echo(f"# ~/.config/systemd/user/{name}\n{content}")


@main.command("baseline")
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("--check", is_flag=True, help="Only tell what would change; exit status 1 where anything would.")
@click.option("--yes", is_flag=True, help="Accept all new outputs without asking.")
@_chapter_option
@_data_option
def accept_outputs(notebooks: tuple[str, ...], check: bool, yes: bool, chapter_id: str, data: Path | None) -> None:
    """Show what notebooks (all, if none is named) would show now, and accept it after a review; in a clone only.

    With all notebooks go the typed tables, the pages and the headlines of the tests' chapters.
    """
    from mali_analysis.coding import package, schema
    from mali_analysis.runs import baseline, plans

    baseline.refuse_outside_clone()
    root = schema.choose_root(data)
    baseline.refuse_other_data(root, chapter_id, check)
    broken, changes, executed = False, [], {}
    for path in plans.choose_notebooks(list(notebooks), beside=True).values():
        try:
            found, executed[path] = baseline.find_changes(path, root, chapter_id)
        except plans.RunError as error:
            click.echo(str(error), err=True)
            broken = True
            continue
        changes += found
        click.echo("\n".join(map(str, found)) or f"{path.stem}: nothing would change")
    clone = schema.default_root("data").parent
    others: dict[Path, str] = {}
    if not broken and not notebooks and chapter_id == package.DEFAULT and root == clone / "data":
        found, others = baseline.find_other_changes(clone)
        changes += found
        click.echo("\n".join(map(str, found)) or "tables, pages and other chapters: nothing would change")
    if changes:
        baseline.write_page(changes, baseline.PAGE)
        click.echo(f"{baseline.PAGE} shows all {len(changes)} changes, charts as pictures")
    accepted = bool(changes) and not check and (yes or click.confirm("Accept the new outputs?"))
    for path in {path for path in executed if accepted and path.stem in {change.notebook for change in changes}}:
        baseline.accept(path, executed[path])
    if accepted and others:
        baseline.accept_others(clone, others)
    sys.exit(FAILED if broken or (changes and not accepted) else OK)


if __name__ == "__main__":
    main()
