"""click in Vietnamese: help pages, kinds of values, and what it says about a wrong command line."""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import Any

import click

from chiso.messages import text

_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class _Vietnamese(click.Command):
    """Help with Vietnamese headings; too many arguments told in Vietnamese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=f"{text('cli.usage')} ")

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        arguments = [p.make_metavar(ctx) for p in self.get_params(ctx) if isinstance(p, click.Argument)]
        return [*arguments, text("cli.meta_options")]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section(text("cli.options")):
            formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = text("cli.help_help")
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest and not isinstance(self, click.Group):
            raise click.UsageError(text("cli.extra_argument", value=" ".join(rest)), ctx)
        return rest


class Command(_Vietnamese):
    """A command."""


class Group(_Vietnamese, click.Group):
    """The group of commands."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what follows the program's name."""
        return [text("cli.meta_command"), text("cli.meta_options")]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options and commands."""
        super().format_options(ctx, formatter)
        rows = [(name, self.commands[name].get_short_help_str(100)) for name in self.list_commands(ctx)]
        with formatter.section(text("cli.commands")):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            known = self.list_commands(ctx)
            hint = _did_you_mean(args[0], known)
            message = text("cli.no_command", name=args[0], known=", ".join(known), hint=hint)
            raise click.UsageError(message.strip(), ctx)
        return super().resolve_command(ctx, args)


class Day(click.ParamType[date]):
    """A day, as ISO date or the Vietnamese way."""

    name = "day"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the form of a day."""
        return text("cli.meta_day")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read a day."""
        if isinstance(value, date):
            return value
        try:
            if found := _DAY_MONTH_YEAR.fullmatch(value.strip()):
                day, month, year = (int(part) for part in found.groups())
                return date(year, month, day)
            return date.fromisoformat(value)
        except ValueError:
            self.fail(text("cli.bad_day", value=value), param, ctx)


class OneOf(click.ParamType[str]):
    """One of a few words."""

    name = "one of"

    def __init__(self, *words: str) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the words."""
        return "|".join(self.words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a word."""
        if value not in self.words:
            known = ", ".join(self.words)
            hint = _did_you_mean(value, self.words)
            self.fail(text("cli.bad_word", value=value, known=known, hint=hint).strip(), param, ctx)
        return str(value)


class Number(click.ParamType[int]):
    """A whole number, at least ``least``."""

    name = "number"

    def __init__(self, least: int) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number."""
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if number < self.least:
            self.fail(text("cli.bad_number", value=value, least=self.least), param, ctx)
        return number


class Percent(click.ParamType[float]):
    """Per cent, above 0 and at most 100, with a comma or a point; a share (0.05) in the program."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read per cent."""
        if isinstance(value, float):
            return value
        try:
            number = float(value.strip().removesuffix("%").strip().replace(",", "."))
        except ValueError:
            number = 0.0
        if not 0 < number <= 100:
            self.fail(text("survey_plan.bad_percent", value=value), param, ctx)
        return number / 100


class Decimal(click.ParamType[float]):
    """A number above 0, with a comma or a point."""

    name = "decimal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number."""
        if isinstance(value, float):
            return value
        try:
            number = float(value.strip().replace(",", "."))
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            self.fail(text("survey_plan.bad_decimal", value=value), param, ctx)
        return number


def explain(error: click.ClickException) -> str:
    """Return what is wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    lines = [_sentence(error)]
    if context is not None:
        lines.append(text("cli.see_help", command=context.command_path))
    return "\n".join(lines)


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.MissingParameter):
        parameter = error.param
        context = error.ctx or click.get_current_context(silent=True)
        name = parameter.make_metavar(context) if isinstance(parameter, click.Argument) and context else ""
        return text("cli.missing_argument", name=name.rstrip("…. ") or getattr(parameter, "name", ""))
    if isinstance(error, click.BadParameter):
        name = getattr(error.param, "opts", [""])[0]
        return text("cli.bad_value", name=name, why=error.message)
    if isinstance(error, click.NoSuchOption):
        return text("cli.no_option", name=error.option_name, hint=_possible(error.possibilities)).strip()
    if isinstance(error, click.BadOptionUsage):
        return text("cli.option_usage", name=error.option_name)
    return error.format_message()


def _possible(names: Any) -> str:
    return text("cli.did_you_mean", near=", ".join(sorted(names))) if names else ""


def _did_you_mean(given: str, known: Any) -> str:
    return _possible(difflib.get_close_matches(given, list(known), n=2))
