"""The command line: ``chiso run``, ``chiso demo``. Commands only; what they do stands in their packages."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

import chiso
from chiso.cli_text import Command, Day, Decimal, Group, Number, OneOf, Percent, explain
from chiso.errors import ChisoError
from chiso.messages import DEFAULT, LANGUAGES, VARIABLE, language, text, use


def _use(context: click.Context, parameter: click.Parameter, value: str) -> None:
    use(value)


#: Chooses the language before anything else is looked at, so that a complaint about the rest is in it already.
lang_option = click.option(
    "--lang",
    type=OneOf(*LANGUAGES),
    default=language(),
    expose_value=False,
    is_eager=True,
    callback=_use,
    help=text("cli.help_lang", variable=VARIABLE),
)


@click.group(cls=Group, help=text("cli.help"), invoke_without_command=True, no_args_is_help=False)
@click.option("--version", is_flag=True, help=text("cli.help_version"))
@click.pass_context
def app(context: click.Context, version: bool) -> None:
    """Hold the commands together."""
    if version:
        click.echo(f"chiso {chiso.__version__}")
    elif context.invoked_subcommand is None:
        click.echo(context.get_help())


@app.command("run", cls=Command, help=text("cli.help_run"), short_help=text("cli.short_run"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("cli.help_data"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs", help=text("cli.help_out"))
@click.option("--body", "bodies", metavar=text("grid.meta_body"), multiple=True, help=text("grid.help_body"))
@click.option(
    "--component",
    "components",
    metavar=text("cli.meta_component"),
    multiple=True,
    help=text("cli.help_component"),
)
@click.option("--unit", metavar=text("cli.meta_code"), help=text("cli.help_unit"))
@click.option("--as-of", type=Day(), help=text("cli.help_as_of"))
@click.option("--window", type=OneOf("decree09", "calendar"), help=text("cli.help_window"))
@click.option("--results-only", is_flag=True, help=text("cli.help_results_only"))
@click.option("--strict", is_flag=True, help=text("cli.help_strict"))
@click.option("--engine", type=OneOf("warm", "stock", "dask"), default="warm", help=text("cli.help_engine"))
@click.option("--scheduler", metavar=text("dask.meta_address"), help=text("dask.help_scheduler"))
@click.option("--shared", metavar=text("dask.meta_address"), help=text("dask.help_shared"))
@click.option("--publish", metavar=text("dask.meta_address"), help=text("dask.help_publish"))
@click.option("--force", is_flag=True, help=text("cli.help_force"))
@click.option("--resume", is_flag=True, help=text("cli.help_resume"))
@click.option("--log", type=OneOf("text", "json"), default="text", help=text("console.help_log"))
@lang_option
def run(
    period: str,
    data: str,
    out: str,
    bodies: tuple[str, ...],
    components: tuple[str, ...],
    unit: str | None,
    as_of: date | None,
    window: Any,
    results_only: bool,
    strict: bool,
    engine: Any,
    force: bool,
    resume: bool,
    log: Any,
    **elsewhere: Any,
) -> int:
    """Make the reports of periods and bodies; ``elsewhere`` are addresses: of a cluster, of where its outputs go."""
    from chiso.runs.console import Console
    from chiso.runs.grid import carry_out, make_grid
    from chiso.runs.plan import Request
    from chiso.runs.resume import taken_up

    request = Request(
        period, Path(data), Path(out), components, unit, as_of, window, results_only, strict, engine, force, **elsewhere
    )
    console = Console.for_log(log)
    with console.session("run", period=period) as session:
        grid = make_grid(request, bodies, resume=resume)
        # Where no data folder is named, the one meant is that of the run that broke off, never the default.
        unnamed = resume and click.get_current_context().get_parameter_source("data") == ParameterSource.DEFAULT
        if unnamed and not grid.several and not bodies and taken_up(request) is None:
            console.say(text("runs.resume_nothing", period=period, out=out))
            return session.code
        session.code = carry_out(grid, console, resume=resume)
    return session.code


@app.command("why", cls=Command, help=text("cli.help_why"), short_help=text("cli.short_why"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("cli.help_data"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs", help=text("cli.help_out"))
@click.option("--unit", metavar=text("cli.meta_code"), help=text("cli.help_unit"))
@click.option("--as-of", type=Day(), help=text("cli.help_as_of"))
@click.option("--window", type=OneOf("decree09", "calendar"), help=text("cli.help_window"))
@lang_option
def why(period: str, data: str, out: str, unit: str | None, as_of: date | None, window: Any) -> int:
    """Tell what a run would make anew, and why."""
    from chiso.runs.plan import Request, make_plan
    from chiso.runs.why import why as told

    click.echo(told(make_plan(Request(period, Path(data), Path(out), (), unit, as_of, window))))
    return 0


@app.command("verify", cls=Command, help=text("cli.help_verify"), short_help=text("cli.short_verify"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("cli.help_data"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs", help=text("cli.help_out"))
@click.option("--outputs-only", is_flag=True, help=text("cli.help_verify_outputs"))
@lang_option
def verify(period: str, data: str, out: str, outputs_only: bool) -> int:
    """Compare a period's files with their record."""
    from chiso.runs.verify import verify as compared

    drift = compared(period, Path(out), None if outputs_only else Path(data))
    click.echo(drift.told(period))
    return int(bool(drift.outputs or drift.sources))


@app.command("watch", cls=Command, help=text("watch.help"), short_help=text("watch.short"))
@click.argument("period", metavar=f"[{text('cli.meta_period')}]", required=False)
@click.option(
    "--quiet-for", type=Number(0), default=30, metavar=text("watch.meta_seconds"), help=text("watch.help_quiet")
)
@click.option("--poll", is_flag=True, help=text("watch.help_poll"))
@click.option("--once", is_flag=True, help=text("watch.help_once"))
def watch(period: str | None, quiet_for: int, poll: bool, once: bool, **options: Any) -> int:
    """Make the reports of a period whenever new exports arrive; ``options`` are those of ``run``."""
    from chiso.runs.bodies import ALL, choose_bodies
    from chiso.runs.console import Console
    from chiso.runs.defect import keep_defect
    from chiso.runs.watch import POLL, Patience, this_quarter
    from chiso.runs.watch import watch as keep_watching

    console, folder, bodies = Console.for_log(options["log"]), Path(options["data"]), options["bodies"]
    if not folder.is_dir():
        raise ChisoError(text("runs.no_data_folder", folder=folder))
    if set(bodies) - {ALL}:
        choose_bodies(folder, bodies)  # one that is misspelt would be waited for

    def make_reports() -> int:
        chosen = period or str(this_quarter(date.today()))
        if not period:
            console.say(text("watch.this_quarter", period=chosen))
        return int(run.callback(chosen, resume=False, **options))  # type: ignore[misc]

    patience = Patience(quiet_for, poll=POLL if poll else 0, once=once)
    with console.session("watch", folder=str(folder)) as session:
        session.code = keep_watching(folder, make_reports, console, patience, lambda _: keep_defect(), bodies)
    return session.code


watch.params += [option for option in run.params if isinstance(option, click.Option) and option.name != "resume"]


@app.command("demo", cls=Command, help=text("cli.help_demo"), short_help=text("cli.short_demo"))
@click.argument("folder", metavar=text("cli.meta_folder"))
@click.option("--cases", type=Number(1), metavar="N", help=text("cli.help_cases"))
@click.option("--seed", type=Number(0), metavar="S", help=text("cli.help_seed"))
@click.option("--style", type=OneOf("plain", "office"), default="plain", help=text("cli.help_style"))
@click.option("--overwrite", is_flag=True, help=text("cli.help_overwrite"))
def demo(folder: str, cases: int | None, seed: int | None, style: Any, overwrite: bool) -> int:
    """Write the tables of a synthetic department."""
    from chiso.demo import DEFAULT_CASES, DEFAULT_SEED, write_demo

    use(DEFAULT)  # the tables are Vietnamese, as its systems would export them
    cases = DEFAULT_CASES if cases is None else cases
    write_demo(Path(folder), cases, DEFAULT_SEED if seed is None else seed, style, overwrite)
    click.echo(text("cli.demo_written", folder=folder))
    return 0


@app.command("templates", cls=Command, help=text("cli.help_templates"), short_help=text("cli.short_templates"))
@click.argument("folder", metavar=text("cli.meta_folder"))
@click.option("--year", type=Number(2000), metavar=text("cli.meta_year"), help=text("cli.help_template_year"))
@click.option("--data", metavar=text("cli.meta_folder"), help=text("cli.help_template_data"))
@click.option("--table", "tables", metavar=text("cli.meta_table"), multiple=True, help=text("cli.help_template_table"))
@click.option("--overwrite", is_flag=True, help=text("cli.help_template_overwrite"))
def templates(folder: str, year: int | None, data: str | None, tables: tuple[str, ...], overwrite: bool) -> int:
    """Write Excel templates of the tables that no system exports."""
    from chiso.templates import write_templates

    use(DEFAULT)  # forms that Vietnamese offices fill in, and the import reads by their labels
    written = write_templates(Path(folder), year, Path(data) if data else None, tables, overwrite)
    names = ", ".join(path.name for path in written)
    click.echo(text("templates.written", count=len(written), folder=folder, files=names))
    return 0


@app.command("score", cls=Command, help=text("scoring.command.help"), short_help=text("scoring.command.short"))
@click.argument("criteria", metavar=text("scoring.command.meta_criteria"))
@click.argument("values", metavar=text("scoring.command.meta_values"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs/score", help=text("scoring.command.help_out"))
@lang_option
def score(criteria: str, values: str, out: str) -> int:
    """Score values by a table of criteria."""
    from chiso.runs.files import replacing
    from chiso.scoring.scorecard.command import score_files

    answer = score_files(Path(criteria), Path(values))
    with ExitStack() as stack:
        for name, frame in answer.tables.items():
            frame.write_csv(stack.enter_context(replacing(Path(out) / f"{name}.csv")))
    for note in answer.notes:
        _tell(note)
    click.echo(answer.summary)
    click.echo(text("scoring.command.written", folder=out, files=", ".join(f"{name}.csv" for name in answer.tables)))
    return 0


@app.command("map", cls=Command, help=text("cli.help_map"), short_help=text("cli.short_map"))
@click.argument("file", metavar=text("cli.meta_file"))
@click.option("--table", metavar=text("cli.meta_table"), help=text("cli.help_map_table"))
@click.option("--out", metavar=text("cli.meta_file"), help=text("cli.help_map_out"))
@click.option("--overwrite", is_flag=True, help=text("cli.help_map_overwrite"))
def map_file(file: str, table: str | None, out: str | None, overwrite: bool) -> int:
    """Propose a mapping from a specimen."""
    from chiso.runs.map_file import map_into

    click.echo(map_into(Path(file), table, Path(out) if out else None, overwrite))
    return 0


@app.command("read", cls=Command, help=text("cli.help_read"), short_help=text("cli.short_read"))
@click.argument("files", metavar=text("cli.meta_files"), nargs=-1, required=True)
@click.option("--mapping", metavar=text("cli.meta_mapping"), help=text("cli.help_mapping"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs/read", help=text("cli.help_read_out"))
@lang_option
def read(files: tuple[str, ...], mapping: str | None, out: str) -> int:
    """Read files into tidy tables."""
    from chiso.runs.read_files import read_into
    from chiso.sources.mapping.lookup import named_mapping

    answer = read_into([Path(file) for file in files], named_mapping(mapping) if mapping else None, Path(out))
    click.echo(answer.summary)
    return answer.code


@app.command("pdf", cls=Command, help=text("pdf.help"), short_help=text("pdf.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs", help=text("cli.help_out"))
@lang_option
def pdf(period: str, out: str) -> int:
    """Print the pages of a computed period as PDF."""
    from chiso.runs.pdf import print_period

    click.echo(print_period(period, Path(out)))
    return 0


@app.command("whatif", cls=Command, help=text("runs_whatif.help"), short_help=text("runs_whatif.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--set", "figures", metavar=text("runs_whatif.meta"), multiple=True, help=text("runs_whatif.help_set"))
@click.option(
    "--target", "targets", metavar=text("runs_whatif.meta"), multiple=True, help=text("runs_whatif.help_target")
)
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("runs_whatif.help_data"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs", help=text("runs_whatif.help_out"))
@lang_option
def whatif(period: str, figures: tuple[str, ...], targets: tuple[str, ...], data: str, out: str) -> int:
    """Show scores as if figures or targets were others."""
    from chiso.runs.whatif import suppose

    click.echo(suppose(period, Path(data), Path(out), figures, targets))
    return 0


@app.command("league", cls=Command, help=text("league.help"), short_help=text("league.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.argument("folders", metavar=text("league.meta"), nargs=-1, required=True)
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs/league", help=text("league.help_out"))
@lang_option
def league(period: str, folders: tuple[str, ...], out: str) -> int:
    """Set the results of several departments side by side."""
    from chiso.runs.league import league_of

    written = league_of(period, [Path(folder) for folder in folders], Path(out))
    click.echo(text("league.written", count=len(folders), files=", ".join(map(str, written))))
    return 0


@app.command("province", cls=Command, help=text("province.help"), short_help=text("province.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.argument("places", metavar=text("province.meta"), nargs=-1, required=True)
@click.option("--by", type=OneOf("unit", "body"), default="unit", help=text("province.help_by"))
@click.option("--tables", metavar=text("cli.meta_folder"), help=text("province.help_tables"))
@click.option("--plan", metavar=text("cli.meta_file"), help=text("province.help_plan"))
@click.option("--as-of", type=Day(), help=text("cli.help_as_of"))
@click.option("--window", type=OneOf("decree09", "calendar"), help=text("cli.help_window"))
@click.option("--out", metavar=text("cli.meta_folder"), default="outputs/province", help=text("province.help_out"))
@click.option("--engine", type=OneOf("local", "dask"), default="local", help=text("province.help_engine"))
@click.option("--scheduler", metavar=text("dask.meta_address"), help=text("dask.help_scheduler"))
@lang_option
def province(
    period: str,
    places: tuple[str, ...],
    by: str,
    tables: str | None,
    plan: str | None,
    as_of: date | None,
    window: Any,
    out: str,
    engine: str,
    scheduler: str | None,
) -> int:
    """Compute the indicators of cases of many bodies."""
    from chiso.runs.province import province as compute

    if (engine == "dask") != (scheduler is not None):
        raise ChisoError(text("dask.no_scheduler"))
    paths = {name: Path(path) if path else None for name, path in (("tables", tables), ("plan", plan))}
    click.echo(
        compute(period, places, Path(out), units=by == "unit", as_of=as_of, window=window, scheduler=scheduler, **paths)
    )
    return 0


@app.command("officers", cls=Command, help=text("officers.help"), short_help=text("officers.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("cli.help_data"))
@click.option("--as-of", type=Day(), help=text("officers.help_as_of"))
@click.option("--out", metavar=text("cli.meta_file"), help=text("officers.help_out"))
@lang_option
def officers(period: str, data: str, as_of: date | None, out: str | None) -> int:
    """Write the internal sheet of officers."""
    from chiso.runs.officers import officers_sheet

    click.echo(officers_sheet(period, Path(data), as_of, Path(out) if out else None))
    return 0


@app.command("survey-plan", cls=Command, help=text("survey_plan.help"), short_help=text("survey_plan.short"))
@click.argument("period", metavar=text("cli.meta_period"))
@click.option("--data", metavar=text("cli.meta_folder"), default="data/raw/sample", help=text("cli.help_data"))
@click.option("--margin", type=Percent(), default=0.05, metavar="%", help=text("survey_plan.help_margin"))
@click.option("--level", type=Percent(), default=0.95, metavar="%", help=text("survey_plan.help_level"))
@click.option("--share", type=Percent(), default=0.5, metavar="%", help=text("survey_plan.help_share"))
@click.option("--response", type=Percent(), default=1.0, metavar="%", help=text("survey_plan.help_response"))
@click.option("--deff", type=Decimal(), metavar="D", help=text("survey_plan.help_deff"))
@click.option("--answers", type=Number(1), metavar="N", help=text("survey_plan.help_answers"))
@click.option(
    "--method", type=OneOf("proportional", "neyman"), default="proportional", help=text("survey_plan.help_method")
)
@click.option("--minimum", type=Number(0), metavar="N", default=5, help=text("survey_plan.help_minimum"))
@click.option("--out", metavar=text("cli.meta_file"), help=text("survey_plan.help_out"))
@lang_option
def survey_plan(period: str, data: str, out: str | None, **wish: Any) -> int:
    """Plan the survey of a period."""
    from chiso.indicators.survey_planning import Wish
    from chiso.runs.survey_plan import plan_into

    click.echo(plan_into(period, Path(data), Wish(**wish), Path(out) if out else None))
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    0 done; 1 some reports or indicators failed; 2 the request cannot be carried out; 3 the data gate stopped a strict
    run; 70 a defect of this library, with its traceback in a file (of several periods and bodies it costs one).
    """
    _speak_any_console()
    code = _run(arguments)
    gc.freeze()  # else the collector walks through all that was loaded once more: a fifth of a second
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    from chiso.runs.defect import keep_defect
    from chiso.runs.exit_codes import DEFECT, INTERRUPTED, TERMINATED, USAGE, code_of
    from chiso.runs.stopping import Terminated, ended_by_sigterm

    if (asked := os.environ.get(VARIABLE, "")) not in (*LANGUAGES, ""):
        _tell(text("cli.bad_lang", variable=VARIABLE, value=asked, known=", ".join(LANGUAGES)))
        return USAGE
    try:
        with ended_by_sigterm():
            return int(app.main(args=arguments, prog_name="chiso", standalone_mode=False) or 0)
    except click.ClickException as error:
        _tell(explain(error))
        return USAGE
    except ChisoError as error:
        _tell(str(error))
        return code_of(error)
    except (KeyboardInterrupt, click.Abort) as error:  # click makes the second of the first
        _tell(text("cli.interrupted"))
        return TERMINATED if isinstance(error.__cause__ or error, Terminated) else INTERRUPTED
    except Exception:
        _tell(keep_defect())
        return DEFECT


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def _speak_any_console() -> None:
    """Let Vietnamese pass where the console's code page has no such letters: never an error, UTF-8 into files."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty():
            reconfigure(errors="replace")
        else:
            reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
