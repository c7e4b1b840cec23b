"""Newspaper pages from a seed: varied layouts, with the articles and blocks that a careful reader would find."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from tests.newspapers import writing
from tests.newspapers.typeset import Frame, Sheet, document, wrapped
from tests.newspapers.writing import Writer

SANS = "font-family:'Noto Sans CJK SC',sans-serif;"
KAI = "font-family:'Noto Sans CJK SC',sans-serif;font-weight:300;"
HEAVY = SANS + "font-weight:700;"


@dataclass
class TrueBlock:
    """What stands on the page: a role and its text, whole."""

    role: str
    text: str


@dataclass
class TrueArticle:
    """An article's blocks in reading order."""

    blocks: list[TrueBlock] = field(default_factory=list)

    @property
    def headline(self) -> str | None:
        return next((block.text for block in self.blocks if block.role == "headline"), None)


@dataclass
class Newspaper:
    """A set document: its HTML, size in points, and what is on it."""

    html: str
    width: float
    height: float
    articles: list[TrueArticle]
    furniture: list[str]
    layout: str


@dataclass(frozen=True)
class Style:
    """How one paper is set."""

    size: float
    leading: float
    gutter: float
    rules: bool
    indent: int


class Editor:
    """Fills the regions of one document with articles."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed * 7919 + 13)
        self.writer = Writer(seed)
        self.articles: list[TrueArticle] = []
        self.furniture: list[str] = []
        self.style = Style(
            size=self.random.choice((9.0, 9.5, 10.0)),
            leading=self.random.choice((1.3, 1.4, 1.5)),
            gutter=self.random.choice((11.0, 13.0, 16.0)),
            rules=self.random.random() < 0.7,
            indent=2,
        )
        self.used_headlines: set[str] = set()

    def headline(self) -> str:
        """A headline that the document does not have yet."""
        for _ in range(50):
            text = self.writer.one(writing.HEADLINES)
            if text not in self.used_headlines:
                break
        self.used_headlines.add(text)
        return text

    # -- columns ---------------------------------------------------------------------------------------------------
    def columns(self, frame: Frame, count: int) -> list[Frame]:
        """``frame`` in ``count`` columns."""
        gutter = self.style.gutter
        width = (frame.width - gutter * (count - 1)) / count
        return [Frame(frame.x + at * (width + gutter), frame.y, width, frame.height) for at in range(count)]

    def fitted(self, frame: Frame) -> int:
        """How many columns suit ``frame``."""
        return max(1, round(frame.width / (self.style.size * 14.5)))

    def flow(
        self,
        sheet: Sheet,
        columns: list[Frame],
        article: TrueArticle,
        *,
        dateline: bool,
        subheads: bool,
        continued: bool = False,
    ) -> None:
        """Fill ``columns`` with paragraphs, cutting them where a column ends; they join ``article``."""
        size, pitch = self.style.size, self.style.size * self.style.leading
        room = [int((column.height + 0.01) // pitch) for column in columns]
        at, line_no = 0, 0
        groups: list[list[str]] = [[] for _ in columns]
        total = sum(room)
        used = 0
        first = True
        since_subhead = 0

        def place(text: str, style: str = "", *, last: bool = False, centre: bool = False) -> None:
            nonlocal at, line_no, used
            while at < len(columns) and line_no >= room[at]:
                at, line_no = at + 1, 0
            column = columns[at]
            style += "text-align:center;" if centre else "" if last else "text-align-last:justify;"
            sheet.text(groups[at], text, column.x, column.y + line_no * pitch, column.width, size, style)
            line_no += 1
            used += 1

        while True:
            ems = min(column.width for column in columns) / size
            lead = self.writer.dateline() if first and dateline else ""
            opener = f"（上接第{'一二三四'[self.random.randint(0, 3)]}版）" if first and continued else ""
            for sentences in (self.random.randint(1, 4), 2, 1, 1, 1):
                text = opener + lead + self.writer.paragraph(sentences)
                lines = wrapped(text, ems, self.style.indent)
                if fits := used + len(lines) <= total:
                    break
            if not fits:
                break
            if subheads and since_subhead >= 3 and total - used > len(lines) + 8 and self.random.random() < 0.5:
                subhead = self.writer.one(writing.SUBHEADS)
                if len(subhead) + 1 <= ems:
                    if line_no >= room[at] - 1:  # never the last line of a column
                        used += room[at] - line_no
                        line_no = room[at]
                    if used + len(lines) + 1 > total:
                        break
                    place(subhead, HEAVY, centre=self.random.random() < 0.5, last=True)
                    article.blocks.append(TrueBlock("subhead", subhead))
                    since_subhead = 0
            for number, line in enumerate(lines):
                place(line, last=number == len(lines) - 1)
            if opener:
                article.blocks.append(TrueBlock("continuation", opener))
            if lead:
                article.blocks.append(TrueBlock("dateline", lead.strip()))
            article.blocks.append(TrueBlock("body", text[len(opener + lead) :]))
            first = False
            since_subhead += 1
        sheet.groups += [group for group in groups if group]

    # -- kinds of article ------------------------------------------------------------------------------------------
    def normal(self, sheet: Sheet, frame: Frame, *, count: int | None = None) -> None:
        """A headline over all columns; perhaps a kicker, a subtitle, a by-line, a picture in it, a continuation."""
        article = TrueArticle()
        self.articles.append(article)
        top = self.masthead(sheet, frame, article)
        body = Frame(frame.x, top, frame.width, frame.bottom - top)
        count = count or self.fitted(body)
        if count > 1 and self.random.random() < 0.15:
            count += self.random.choice((-1, 1)) if count > 2 else 0
        columns = self.columns(body, count)
        if count >= 2 and body.height > 170 and self.random.random() < 0.35:
            columns = self.picture(sheet, columns, article)
        long = sum(column.height for column in columns) > 700
        continued = self.random.random() < 0.08
        dateline = not continued and self.random.random() < 0.6
        self.flow(sheet, columns, article, dateline=dateline, subheads=long, continued=continued)

    def masthead(self, sheet: Sheet, frame: Frame, article: TrueArticle) -> float:
        """Kicker, headline, subtitle and by-line at the top of ``frame``; where the columns begin."""
        draw, size = self.random, self.style.size
        text = self.headline()
        ems = len(text) + 0.5
        large = min(size * 4.2, max(size * 1.55, frame.width / ems * draw.uniform(0.7, 0.95)))
        pieces = [text]
        while (wide := max(map(len, pieces)) + 0.3) * large > frame.width:
            if frame.width / wide >= size * 1.3:
                large = frame.width / wide
                break
            pieces = _cut(text, len(pieces) + 1)
        group: list[str] = []
        align = draw.choice(("text-align:center;", "text-align:center;", ""))
        y = frame.y
        if frame.width > 250 and draw.random() < 0.25:
            kicker = self.writer.one(writing.KICKERS)
            sheet.text(group, kicker, frame.x, y, frame.width, size * 1.5, SANS + align)
            article.blocks.append(TrueBlock("subhead", kicker))
            y += size * 2.1
        for piece in pieces:
            sheet.text(group, piece, frame.x, y, frame.width, large, HEAVY + align)
            y += large * 1.3
        article.blocks.append(TrueBlock("headline", text))
        if frame.width > 250 and draw.random() < 0.25:
            subtitle = self.writer.one(writing.SUBTITLES)
            sheet.text(group, subtitle, frame.x, y + 2, frame.width, size * 1.45, SANS + align)
            article.blocks.append(TrueBlock("subhead", subtitle))
            y += size * 2.1
        if draw.random() < 0.3:
            byline = self.writer.byline()
            sheet.text(group, byline, frame.x, y + 2, frame.width, size, KAI + align)
            article.blocks.append(TrueBlock("byline", byline))
            y += size * 1.6
        sheet.groups.append(group)
        return y + size * 0.7

    def picture(self, sheet: Sheet, columns: list[Frame], article: TrueArticle) -> list[Frame]:
        """A picture with a caption over some columns, at their top or bottom; the room that is left."""
        draw, size = self.random, self.style.size
        span = draw.randint(1, len(columns) - 1) if len(columns) > 2 else 1
        start = draw.randint(0, len(columns) - span)
        covered = columns[start : start + span]
        width = covered[-1].right - covered[0].x
        height = min(width * 0.7, covered[0].height * 0.5)
        caption = self.writer.one(writing.CAPTIONS)
        small = size * 0.92
        lines = wrapped(caption, width / small, 0 if draw.random() < 0.5 else 2)
        under = len(lines) * small * 1.3
        total = height + under + size * 1.1
        low = draw.random() < 0.4
        top = covered[0].bottom - total + size * 0.6 if low else covered[0].y
        sheet.rectangle(covered[0].x, top, width, height, _picture(draw))
        group: list[str] = []
        for number, line in enumerate(lines):
            sheet.text(group, line, covered[0].x, top + height + 3 + number * small * 1.3, width, small, KAI)
        sheet.groups.append(group)
        article.blocks.append(TrueBlock("caption", caption))
        left = []
        for column in columns:
            if column not in covered:
                left.append(column)
            elif low:
                left.append(Frame(column.x, column.y, column.width, column.height - total))
            else:
                left.append(Frame(column.x, column.y + total + 3, column.width, column.height - total - 3))
        return left

    def vertical(self, sheet: Sheet, frame: Frame) -> None:
        """A vertical headline at one side of the columns."""
        article = TrueArticle()
        self.articles.append(article)
        text = self.headline().replace(" ", "　")
        large = min(self.style.size * 3, frame.height / (len(text) + 0.5))
        left = self.random.random() < 0.5
        x = frame.x if left else frame.right - large * 1.3
        group: list[str] = []
        group.append(
            f'<div style="left:{x:.2f}pt;top:{frame.y:.2f}pt;width:{large * 1.25:.2f}pt;height:{frame.height:.2f}pt;'
            f'writing-mode:vertical-rl;font-size:{large:.2f}pt;line-height:{large * 1.25:.2f}pt;{HEAVY}">{text}</div>'
        )
        sheet.groups.append(group)
        article.blocks.append(TrueBlock("headline", text))
        room = large * 1.3 + self.style.gutter
        body = Frame(frame.x + (room if left else 0), frame.y, frame.width - room, frame.height)
        self.flow(sheet, self.columns(body, self.fitted(body)), article, dateline=True, subheads=False)

    def corner(self, sheet: Sheet, frame: Frame) -> None:
        """A headline over the first columns; the others are as high as the article."""
        count = max(3, self.fitted(frame))
        columns = self.columns(frame, count)
        span = self.random.randint(2, count - 1) if count > 3 else 2
        article = TrueArticle()
        self.articles.append(article)
        head = Frame(frame.x, frame.y, columns[span - 1].right - frame.x, frame.height)
        top = self.masthead(sheet, head, article)
        room = [Frame(c.x, top, c.width, frame.bottom - top) if at < span else c for at, c in enumerate(columns)]
        self.flow(sheet, room, article, dateline=True, subheads=False)

    def boxed(self, sheet: Sheet, frame: Frame) -> None:
        """An article in a frame of its own."""
        style = self.random.choice(("border:0.8pt solid #333;", "border:1.5pt solid #a33;", "background:#eee;"))
        sheet.rectangle(frame.x, frame.y, frame.width, frame.height, style)
        pad = self.style.size
        self.normal(sheet, Frame(frame.x + pad, frame.y + pad, frame.width - 2 * pad, frame.height - 2 * pad))

    def briefs(self, sheet: Sheet, frame: Frame) -> None:
        """A column of short news, each with a small headline."""
        y = frame.y
        size = self.style.size
        while frame.bottom - y > size * 12:
            article = TrueArticle()
            text = self.writer.one(writing.BRIEFS)
            if text in self.used_headlines:
                continue
            self.used_headlines.add(text)
            large = min(size * 1.4, frame.width / (len(text) + 0.2))
            group: list[str] = []
            sheet.text(group, text, frame.x, y, frame.width, large, HEAVY)
            sheet.groups.append(group)
            article.blocks.append(TrueBlock("headline", text))
            y += large * 1.6
            height = min(self.random.uniform(9, 16) * size * self.style.leading, frame.bottom - y)
            count = len(self.articles)
            self.flow(sheet, [Frame(frame.x, y, frame.width, height)], article, dateline=True, subheads=False)
            if len(article.blocks) == 1:
                sheet.groups.pop()
                break
            self.articles.insert(count, article)
            y += height + size

    def photo(self, sheet: Sheet, frame: Frame) -> None:
        """A photograph that stands for itself."""
        article = TrueArticle()
        self.articles.append(article)
        size = self.style.size
        caption = self.writer.one(writing.CAPTIONS)
        lines = wrapped(caption, frame.width / size, 2)
        under = (len(lines) * size * 1.35) + 6
        sheet.rectangle(frame.x, frame.y, frame.width, frame.height - under, _picture(self.random))
        group: list[str] = []
        for number, line in enumerate(lines):
            sheet.text(group, line, frame.x, frame.bottom - under + 5 + number * size * 1.35, frame.width, size, KAI)
        sheet.groups.append(group)
        article.blocks.append(TrueBlock("caption", caption))

    def region(self, sheet: Sheet, frame: Frame, columns: int) -> None:
        """One article of a kind that suits ``frame``."""
        draw = self.random.random()
        if columns == 1 and frame.height > 300 and draw < 0.5:
            self.briefs(sheet, frame)
        elif columns >= 2 and frame.height > 200 and draw < 0.14:
            self.vertical(sheet, frame)
        elif columns >= 3 and draw < 0.24:
            self.corner(sheet, frame)
        elif draw < 0.34:
            self.boxed(sheet, frame)
        elif columns >= 2 and frame.height > 150 and 0.34 < draw < 0.40:
            self.photo(sheet, frame)
        else:
            self.normal(sheet, frame)

    def divide(self, sheet: Sheet, frame: Frame, columns: int) -> None:
        """Cut ``frame`` into regions, and fill each."""
        draw, gutter = self.random, self.style.gutter
        area = columns * frame.height
        if area < 620 or (area < 1500 and draw.random() < 0.35):
            self.region(sheet, frame, columns)
            return
        wide = frame.width > frame.height * 0.9 or frame.height < 300
        if columns >= 2 and wide and frame.height > 130:
            first = draw.randint(1, columns - 1)
            pitch = (frame.width + gutter) / columns
            cut = frame.x + first * pitch
            self.divide(sheet, Frame(frame.x, frame.y, first * pitch - gutter, frame.height), first)
            if self.style.rules and draw.random() < 0.6:
                sheet.rectangle(cut - gutter / 2 - 0.25, frame.y, 0.5, frame.height, "background:#777;")
            self.divide(sheet, Frame(cut, frame.y, frame.right - cut, frame.height), columns - first)
        elif frame.height > 260:
            cut = frame.y + frame.height * draw.uniform(0.35, 0.65)
            gap = draw.uniform(14, 22)
            self.divide(sheet, Frame(frame.x, frame.y, frame.width, cut - gap / 2 - frame.y), columns)
            if self.style.rules and draw.random() < 0.6:
                sheet.rectangle(frame.x, cut - 0.25, frame.width, 0.5, "background:#777;")
            self.divide(sheet, Frame(frame.x, cut + gap / 2, frame.width, frame.bottom - cut - gap / 2), columns)
        else:
            self.region(sheet, frame, columns)


def _cut(text: str, count: int) -> list[str]:
    """``text`` in ``count`` parts of about one length, none of which begins within a number."""
    pieces, start = [], 0
    for left in range(count, 1, -1):
        end = start + max(1, round((len(text) - start) / left))
        while end < len(text) and text[end - 1].isdigit() and text[end].isdigit():
            end += 1
        pieces.append(text[start:end].strip())
        start = end
    return [*pieces, text[start:].strip()]


def _picture(draw: Random) -> str:
    first, second = draw.choice((("#567", "#abc"), ("#654", "#cba"), ("#575", "#bdb")))
    shapes = f"<rect width='40' height='30' fill='{second}'/><circle cx='20' cy='16' r='9' fill='{first}'/>"
    svg = quote(f"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'>{shapes}</svg>")
    return f"background:url(data:image/svg+xml,{svg}) center/100% 100%;"


def newspaper(seed: int) -> Newspaper:
    """The paper of ``seed``: one page, or for every fifth seed two."""
    draw = Random(seed)
    editor = Editor(seed)
    if draw.random() < 0.5:
        width, height, columns = 1105.0, 1545.0, draw.choice((6, 7, 8))
    else:
        width, height, columns = 808.0, 1190.0, draw.choice((4, 5))
    sheets, order = [], []
    day, month = draw.randint(1, 28), draw.randint(1, 12)
    paper, section = draw.choice(("青河日报", "临江日报")), draw.choice(("要闻", "综合", "民生"))
    for number in range(2 if seed % 5 == 4 else 1):
        sheet = Sheet(width, height)
        margin = 40.0
        group: list[str] = []
        head = [f"2024年{month}月{day}日　星期{'一二三四五六日'[day % 7]}", section, f"第{number + 1}版"]
        for text, align in zip(head, ("left", "center", "right"), strict=True):
            size = 20.0 if align == "center" else 10.5
            sheet.text(group, text, margin, 30, width - 2 * margin, size, f"{SANS}text-align:{align};")
        foot = f"责任编辑：{draw.choice(writing.NAMES)}　版式：{draw.choice(writing.NAMES)}"
        sheet.text(group, foot, margin, height - 30, width - 2 * margin, 8.5, f"{SANS}text-align:left;")
        sheet.text(group, paper, margin, height - 30, width - 2 * margin, 8.5, f"{SANS}text-align:right;")
        editor.furniture += [*head, foot, paper]
        sheet.groups.append(group)
        sheet.rectangle(margin, 62, width - 2 * margin, 1, "background:#333;")
        editor.divide(sheet, Frame(margin, 74, width - 2 * margin, height - 74 - 46), columns)
        places = list(range(len(sheet.groups)))
        draw.shuffle(places)
        places.sort(key=lambda at: 0 if "background" in sheet.groups[at][0] or "border" in sheet.groups[at][0] else 1)
        sheets.append(sheet)
        order.append(places)
    return Newspaper(document(sheets, order), width, height, editor.articles, editor.furniture, f"{columns} columns")
