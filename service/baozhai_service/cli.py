"""The command line: ``baozhai serve | classify | digest | read | verify | score | report | digest-issue | index |
search | trends | overview | explore | new-key | models | promote | rollback | labels``.

Exit status: 0 success; 1 some lines or the page could not be answered; 2 the command could not run at all.
The commands import what they need when they run: ``classify`` needs no web server, ``--help`` needs nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from baozhai_service.archive import cli as archive
from baozhai_service.archive.explore import cli as exploring
from baozhai_service.cli_errors import FAILED, UNUSABLE, reported, stop
from baozhai_service.labels import cli as labels
from baozhai_service.registry import cli as releases

if TYPE_CHECKING:
    from baozhai_model.model import Model

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
archive.register(app)
exploring.register(app)
releases.register(app)
app.add_typer(labels.app, name="labels")

BATCH_LINES = 32  # lines of a file that are classified in one call

File = Annotated[str, typer.Argument(metavar="FILE", help="The file to read; - is standard input.")]
BundleFolder = Annotated[
    Path | None,
    typer.Option("--bundle", help="Folder of the model version to use (the live one).", envvar="BAOZHAI_BUNDLE"),
]
ServedBundle = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of the model version to serve (the live one).")
]
Stages = Annotated[int, typer.Option("--stages", min=1, max=3, help="Last stage to run; see docs/stages.md.")]
NameKind = Annotated[str, typer.Option("--names", metavar="zh|id", help="Chinese topic names or ids.")]
Sentences = Annotated[int | None, typer.Option("--max-sentences", help="Maximum sentences of a digest (3).")]
Characters = Annotated[int | None, typer.Option("--max-characters", help="Maximum characters of a digest.")]
TopicName = Annotated[str | None, typer.Option("--topic", help="Restrict the digest to this topic.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (8000); 0 for any free one.")] = None,
    bundle: ServedBundle = None,
    config: Annotated[Path | None, typer.Option(help="Settings file, e.g. configs/service.toml.")] = None,
    keys_file: Annotated[Path | None, typer.Option(help="TOML file of API keys.")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of model versions, labels and runs.")] = None,
) -> None:
    """Serve HTTP until the process is stopped."""
    with reported():
        from baozhai_service.server import serve as run
        from baozhai_service.settings import Settings

        run(Settings.load(config, host=host, port=port, bundle=bundle, keys_file=keys_file, home=home))


@app.command()
def explore(
    scores: exploring.Scores,
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (8000); 0 for any free one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file, e.g. configs/service.toml.")] = None,
    keys_file: Annotated[Path | None, typer.Option(help="TOML file of API keys.")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of model versions, labels and runs.")] = None,
    folder: exploring.Index = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that index (one per core).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Index a scored archive if needed, and serve it: pages at /archive, JSON under /v1/archive."""
    with reported("archive"):
        exploring.index_archive(scores, folder, workers, quiet=quiet)
        from baozhai_service.server import serve
        from baozhai_service.settings import Settings

        serve(
            Settings.load(
                config, host=host, port=port, keys_file=keys_file, home=home, archive=scores, archive_index=folder
            )
        )


@app.command()
def classify(
    file: File,
    bundle: BundleFolder = None,
    stages: Stages = 3,
    names: NameKind = "zh",
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Also give the sentences that carry each topic.")
    ] = False,
) -> None:
    """Classify the text of each line: {"id", "text", "title"?} in, {"id", "model_version", "topics", ...} out."""
    with reported():
        from baozhai_service.api import operations
        from baozhai_service.api.requests import ClassifyLine

        chosen = _names(names)
        model = _model(bundle, stages)

        def answer(lines: Sequence[ClassifyLine]) -> list[Any]:
            return operations.classify_each(model, lines, chosen, evidence=evidence)

        _answer_file(
            file, ClassifyLine, answer, together=1 if file == "-" else BATCH_LINES
        )  # a pipe's writer may wait for each answer


@app.command()
def digest(file: File, bundle: BundleFolder = None, stages: Stages = 3) -> None:
    """Digest the text of each line: {"id"} and the fields of a digest request in, {"id"} and its response out."""
    with reported():
        from baozhai_service.api import operations
        from baozhai_service.api.requests import DigestLine

        model = _model(bundle, stages)
        _answer_file(file, DigestLine, lambda lines: operations.digest_each(model, lines))


@app.command()
def read(
    file: File,
    bundle: BundleFolder = None,
    stages: Stages = 3,
    names: NameKind = "zh",
    max_sentences: Sentences = None,
    max_characters: Characters = None,
    topic: TopicName = None,
) -> None:
    """Print a page's articles, topics and digests as JSON.

    The file is text (UTF-8, UTF-16, GB18030 or Big5), PDF, Word, HTML, OFD or an image.
    """
    with reported():
        from baozhai_model.errors import InvalidBudget, UnknownTopic
        from baozhai_service.api import operations, render
        from baozhai_service.api.parsing import validate
        from baozhai_service.api.requests import DocumentOptions, ReadRequest
        from baozhai_service.documents import DocumentError, open_document
        from baozhai_service.documents.formats import Format, format_of
        from baozhai_service.errors import InvalidRequest

        options = {"max_sentences": max_sentences, "max_characters": max_characters, "topic": topic}
        chosen = _names(names)
        data = _bytes_of(file)
        name = "" if file == "-" else file
        try:
            if format_of(data, name) is Format.TEXT:
                request = validate({"text": _text_of(data, file), "digest": options, "names": chosen}, ReadRequest)
                answer = operations.read(_model(bundle, stages), request)
            else:
                how = validate({**options, "names": chosen}, DocumentOptions)
                document = open_document(data, Path(name).name)
                answer = operations.read_document(_model(bundle, stages), document, how)
        except DocumentError as error:
            stop(FAILED, f"{file}: {error}")
        except InvalidRequest as error:  # only the options can be wrong
            stop(UNUSABLE, "\n".join(f"{_option(problem.field)}: {problem.detail}" for problem in error.problems))
        except (InvalidBudget, UnknownTopic) as error:
            stop(UNUSABLE, str(error))
        _write(render.to_json(answer) + b"\n")


@app.command()
def verify(
    source: Annotated[str, typer.Argument(help="The page or article; UTF-8 or GB18030.")],
    digest: Annotated[str, typer.Argument(help="A digest of it.")],
) -> None:
    """Check a digest against its source: each sentence is verbatim, near or absent. Exit status 1: not all verbatim."""
    with reported():
        from baozhai_service.api import operations, render
        from baozhai_service.api.requests import VerifyRequest

        request = VerifyRequest(text=_text_of(_bytes_of(source), source), digest=_text_of(_bytes_of(digest), digest))
        answer = operations.verify(request)
        _write(render.to_json(answer) + b"\n")
        counts = answer["counts"]
        if counts["near"] or counts["absent"]:
            stop(FAILED, f"{counts['near']} sentences are nearly verbatim, {counts['absent']} are not in {source}")


@app.command("new-key")
def new_key(
    name: Annotated[str, typer.Argument(help="The holder of the key.")],
    role: Annotated[str, typer.Option(metavar="read|label|operate", help="Role of the key.")] = "read",
) -> None:
    """Make an API key: the key goes to standard error, once; its entry for the key file to standard output."""
    with reported():
        from baozhai_service.http.auth import Permission
        from baozhai_service.http.auth import new_key as make

        if role not in (known := [each.value for each in Permission]):
            stop(UNUSABLE, f"--role {role}: must be one of {', '.join(known)}")
        secret, entry = make(name, Permission(role))
        typer.echo(f"key (shown once): {secret}", err=True)
        _write(entry.encode())


def main() -> None:
    """Entry point of the program ``baozhai``."""
    app()


def _model(bundle: Path | None, stages: int) -> Model:
    from baozhai_model.model import Model
    from baozhai_model.registry.store import chosen_bundle

    return Model.load(chosen_bundle(bundle), stages=stages)


def _bytes_of(file: str) -> bytes:
    with _opened(file) as opened:
        return opened.read()


def _text_of(data: bytes, file: str) -> str:
    from baozhai_model.text.encodings import Undecodable, decode_page

    try:
        return decode_page(data).text
    except Undecodable as error:
        stop(FAILED, f"{file}: {error}")


def _names(given: str) -> Any:
    if given not in ("zh", "id"):
        stop(UNUSABLE, f"--names {given}: must be zh or id")
    return given


def _option(field: str) -> str:
    """The option of a request field, such as ``--max-sentences`` for ``digest.max_sentences``."""
    return f"--{field.rpartition('.')[2].replace('_', '-')}"


def _answer_file(
    file: str, kind: type[Any], answer: Callable[[Sequence[Any]], Sequence[Any]], together: int = 1
) -> None:
    from baozhai_service.api.jsonlines import LineCounts, answer_lines

    counts = LineCounts()
    with _opened(file) as lines:
        for line in answer_lines(lines, kind, answer, counts, together):
            _write(line)
    if counts.failed:
        stop(FAILED, f"{counts.failed} of {counts.lines} lines have an error instead of an answer")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115 - closed below; only the opening may fail with this message
    except OSError as error:
        stop(UNUSABLE, f"{file} cannot be read: {error.strerror}")
    with opened:
        yield opened


def _write(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # otherwise Python writes the rest again at exit, and fails again
        stop(UNUSABLE, f"standard output cannot be written: {error.strerror}")
