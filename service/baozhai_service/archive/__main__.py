"""``python -m baozhai_service.archive``: the archive commands without the rest of the command line."""

import typer

from baozhai_service.archive.cli import register

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _archive() -> None:
    """Score an archive and report on it."""


register(app)

if __name__ == "__main__":
    app()
