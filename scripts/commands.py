"""The page of commands from the commands themselves."""

from collections.abc import Iterator

from typer.main import get_command

from confianza.cli import app

EVERYWHERE = {"--help", "--workspace <path>"}  # said once, at the head of the page


def walk(command, name: str) -> Iterator[tuple[str, object]]:
    """The command and those below it, without the hidden ones."""
    yield name, command
    for child, part in getattr(command, "commands", {}).items():
        if not part.hidden:
            yield from walk(part, f"{name} {child}")


def command_text(command, name: str) -> str:
    """Usage, help and parameters of one command."""
    context = command.context_class(command, info_name=name)
    rows = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    text = f"{'#' * min(2 + name.count(' '), 4)} {name}\n\n```\n{usage}\n```\n\n{command.help or ''}\n"
    lines = [f"- `{form}`: {meaning}".rstrip(": ") + "\n" for form, meaning in rows if form not in EVERYWHERE]
    return text + ("\n" if lines else "") + "".join(lines)


def command_page(mark: str) -> str:
    """Every command; `mark` stands below the title."""
    head = (
        f"# Commands\n\n{mark}"
        "Every command explains itself with `--help`. `--workspace PATH` names the workspace file\n"
        "(`CONFIANZA_WORKSPACE`; default `confianza.sqlite3`); with `CONFIANZA_DATABASE_URL` it is a PostgreSQL\n"
        "database. An error is one message on standard error and exit status 1; a wrong call ends with 2.\n"
    )
    return head + "".join(
        "\n" + command_text(part, name) for name, part in walk(get_command(app), "confianza")
    )
