"""How well pages are read, born digital and scanned, beside a PDF's plain text read by the text reader.

``python -m benchmarks.documents`` prints newspapers of generated layouts with Chromium, reads them, and prints one
table: the layouts that the rules were written with, others that were kept apart from them, and scans of some of each.
The sample page of a real paper is read too where ``../shared/samples`` has it.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium

from baozhai_model.page.reader import read_page
from baozhai_model.structure import Page
from baozhai_service.documents.extraction import extract
from baozhai_service.documents.limits import Limits
from tests.newspapers.agreement import Agreement, compare, plain
from tests.newspapers.heldout import LAYOUTS, heldout
from tests.newspapers.pages import Newspaper, TrueArticle, newspaper
from tests.newspapers.render import pdf_of, scan_of

SAMPLE = Path(__file__).parents[2] / "shared" / "samples" / "omnidocbench_newspaper_1cdd.jpg"
LIMITS = Limits(seconds=3600)


@dataclass
class Row:
    """What one way of reading gave over all pages."""

    name: str
    agreement: Agreement = field(default_factory=Agreement)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    errors: int = 0
    characters: int = 0

    def read(self, call: Callable[[], Page], truth: Sequence[TrueArticle], pages: int, *, exact: bool) -> None:
        """Time ``call`` and compare what it gives with what is on the page."""
        wall, cpu = time.perf_counter(), time.process_time()
        page = call()
        self.wall.append((time.perf_counter() - wall) / pages)
        self.cpu.append((time.process_time() - cpu) / pages)
        self.agreement += compare(page, truth, exact=exact)
        if not exact:
            wrong, characters = character_errors(page, truth)
            self.errors += wrong
            self.characters += characters

    def __str__(self) -> str:
        a = self.agreement
        cer = f"{100 * self.errors / self.characters:.2f} %" if self.characters else "–"
        return (
            f"| {self.name} | {len(self.wall)} | {a.paragraphs} "
            f"| {100 * a.right:.1f} % | {a.split:.3f} | {100 * a.role:.1f} % | {cer} "
            f"| {median(self.cpu):.2f} | {median(self.wall):.2f} |"
        )


def character_errors(page: Page, truth: Sequence[TrueArticle]) -> tuple[int, int]:
    """Edit operations between true paragraphs and what was read most like each; and the true characters."""
    blocks = [plain(block.text) for article in page.articles for block in article.blocks]
    wrong = characters = 0
    for article in truth:
        for block in article.blocks:
            true = plain(block.text)
            near = [text for text in blocks if 0.8 * len(true) <= len(text) <= 1.25 * len(true)]
            best = max(near, key=lambda text: SequenceMatcher(None, text, true, autojunk=False).ratio(), default="")
            matcher = SequenceMatcher(None, best, true, autojunk=False)
            if matcher.ratio() > 0.8:  # what was not found is counted as a paragraph, not as characters
                kept = sum(size for _, _, size in matcher.get_matching_blocks())
                wrong += max(len(true), len(best)) - kept
                characters += len(true)
    return wrong, characters


def plain_text(pdf: bytes) -> Page:
    """The peer: PDFium's text of every page, read as text."""
    document = pdfium.PdfDocument(pdf)
    texts = []
    for page in document:
        text = page.get_textpage()
        texts.append(text.get_text_range().replace("\r\n", "\n"))
    return read_page("\n\n".join(texts))


def sample(path: Path) -> None:
    """The real page: titles found, text blocks in order and together, characters that agree."""
    truth = json.loads(path.with_suffix(".gt.json").read_text(encoding="utf-8"))["blocks"]
    cpu = time.process_time()
    page = extract(path.read_bytes(), path.name, LIMITS).page
    cpu = time.process_time() - cpu
    true = sorted((b for b in truth if b.get("order") is not None and b.get("text")), key=lambda b: b["order"])
    blocks = [(number, plain(block.text)) for number, article in enumerate(page.articles) for block in article.blocks]
    stream = "".join(text for _, text in blocks)
    expected = "".join(plain(block["text"]) for block in true)
    agree = sum(size for _, _, size in SequenceMatcher(None, stream, expected, autojunk=False).get_matching_blocks())
    places = [stream_place(stream, plain(block["text"])) for block in true]
    known = [place for place in places if place is not None]
    steps = sum(b > a for a, b in pairwise(known))
    titles = [plain(b["text"]) for b in true if b["category_type"] == "title"]
    read_titles = [plain(b.text) for a in page.articles for b in a.blocks if b.role.value in ("headline", "subhead")]
    alike = sum(any(SequenceMatcher(None, t, r).ratio() > 0.75 for r in read_titles) for t in titles)
    print(f"\n{path.name}: {len(page.articles)} articles; titles found {alike} of {len(titles)}; blocks found")
    print(f"{len(known)} of {len(true)}, {steps} of {max(len(known) - 1, 0)} steps between them in order;")
    print(f"{agree} of {len(expected)} characters agree in one sequence; {cpu:.1f} s CPU")


def stream_place(stream: str, text: str) -> int | None:
    """Where the beginning of ``text`` stands in ``stream``, give or take a few characters."""
    for start in range(0, max(len(text) - 6, 1), 3):
        at = stream.find(text[start : start + 6])
        if at >= 0:
            return at - start
    return None


TABLE = """
| read from | files | paragraphs | whole, in their article and in order | article split F1 | role accuracy \
| character errors | s CPU a page | s a page |
|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=40, help="newspapers that are generated")
    parser.add_argument("--scans", type=int, default=8, help="how many one-page newspapers are read from scans too")
    parser.add_argument("--heldout-scans", type=int, default=4, help="and how many of the held-out pages")
    parser.add_argument("--no-sample", action="store_true", help="leave the real page out")
    options = parser.parse_args()
    began = time.perf_counter()
    made = measure(map(newspaper, range(options.papers)), options.scans, "generated")
    held = measure(map(heldout, range(LAYOUTS)), options.heldout_scans, "held out")
    digital = peak()
    print(TABLE, flush=True)
    for rows, scans in (made, held):
        for row in rows:
            print(row, flush=True)
        if scans:
            print(scanned(scans, rows[0].name.partition(":")[0]), flush=True)
    print(f"\npeak memory: {digital} MiB after the PDF pages, {peak()} MiB after the scans", flush=True)
    if SAMPLE.exists() and not options.no_sample:
        sample(SAMPLE)
    print(f"\nall of this took {(time.perf_counter() - began) / 60:.1f} minutes")


def measure(papers: Iterable[Newspaper], scans: int, name: str) -> tuple[list[Row], list[tuple[Newspaper, bytes]]]:
    """Read ``papers`` by geometry and as plain text; the rows, and the first ``scans`` papers of one page."""
    born, peer = Row(f"{name}: PDF, by geometry"), Row(f"{name}: PDF, plain text (peer)")
    kept: list[tuple[Newspaper, bytes]] = []
    for paper in papers:
        pdf = pdf_of(paper.html)
        count = max(paper.html.count("<section>"), 1)
        born.read(partial(by_geometry, pdf, "a.pdf"), paper.articles, count, exact=True)
        peer.read(partial(plain_text, pdf), paper.articles, count, exact=True)
        if count == 1 and len(kept) < scans:
            kept.append((paper, pdf))
    return [born, peer], kept


def scanned(papers: Sequence[tuple[Newspaper, bytes]], name: str) -> Row:
    """Read ``papers`` from scans."""
    row = Row(f"{name}: scan, 150 dpi, turned by 1°")
    for seed, (paper, pdf) in enumerate(papers):
        image = scan_of(pdf, seed=seed)
        row.read(partial(by_geometry, image, "a.jpg"), paper.articles, 1, exact=False)
    return row


def by_geometry(data: bytes, name: str) -> Page:
    """What baozhai reads, in this process."""
    return extract(data, name, LIMITS).page


def peak() -> int:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
