"""Web pages: the article without what stands round it, or the titles of a page that lists articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import etree
from lxml import html as lxml_html

from baozhai_model.page.structured import Part, PartKind, read_structured
from baozhai_model.text.encodings import Undecodable, decode_page
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge, NoTextInDocument
from baozhai_service.documents.limits import Limits

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:-]{2,30})", re.I)
_LABELS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso-8859-1": "cp1252", "us-ascii": "cp1252"}
_SCRIPTS = re.compile(r"<(script|style|svg|noscript|template)\b.*?</\1\s*>", re.I | re.S)
_MOST_MARKUP = 8 * 2**20  # characters, scripts aside
_SITE = re.compile(r"\s*(?:--|[-_—|–])\s*[^-_—|–]{2,20}\Z")  # 标题--时政--人民网
_LEGAL = re.compile(
    r"版权(?:声明|所有)|未经.{0,30}(?:授权|许可)|不得(?:转载|将)|备案号|许可证|举报电话|责任编辑[：:]|扫码|"
    r"(?:手机报|客户端|微信|微博)\Z"
)
_AROUND = re.compile(
    r"来源[：:]|发布(?:日期|时间)[：:]|[现当]前?[在前]?位置|打印本页|关闭窗口|【.?(?:打印|字[号体])|分享到|点击(?:数|量)"
)
_LONG = 40  # characters of a paragraph that shows that there is an article
_TITLE = (6, 60)  # characters of a link that is the title of an article
_NAVIGATION = re.compile(r"第\s*[0-9A-Z]+\s*版|^[A-Z]?\d+版|\d{4}年\d|上一|下一|更多|首页|返回|版权|设为|登录|注册")


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Read a web page.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    markup = _SCRIPTS.sub("", decoded(data))
    if len(markup) > _MOST_MARKUP:
        raise DocumentTooLarge(f"the page has {len(markup)} characters of markup; at most {_MOST_MARKUP} are read")
    try:
        tree = lxml_html.fromstring(markup.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise NoTextInDocument("there is no text in the page") from None
    for article in tree.xpath("//*[@id='js_content']"):  # of WeChat, hidden until its scripts have run
        article.attrib.pop("style", None)
    parts = _article(tree)
    listed = list(_list(tree))
    prose = sum(len(part.text) for part in parts if part.kind is PartKind.PARAGRAPH and len(part.text) >= _LONG)
    if prose < sum(len(part.text) for part in listed) or (not prose and listed):
        parts = listed
    return Document(name, "html", read_structured(parts))


def decoded(data: bytes) -> str:
    """The characters of a page: UTF-8 if they can be, whatever the page declares; what it declares; or a guess.

    Raises:
        BrokenDocument: it is no text.
    """
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096])
    if declared:
        label = declared.group(1).decode("ascii").lower()
        try:
            text = data.decode(_LABELS.get(label, label), "replace")
        except LookupError:
            text = "\ufffd" * len(data)
        if text.count("\ufffd") <= 0.001 * len(text):
            return text
    try:
        return decode_page(data).text
    except Undecodable as error:
        if declared is None:
            raise BrokenDocument(str(error)) from None
    return data.decode("utf-8", "replace")


def _article(tree: Any) -> list[Part]:
    """The title and the body of the article that a page holds."""
    found = trafilatura.bare_extraction(
        tree, include_comments=False, include_tables=True, include_images=False, with_metadata=False, favor_recall=True
    )
    if found is None:
        return []
    title = _title(tree)
    parts = [Part(PartKind.TITLE, title)] if title else []
    body = getattr(found, "body", None)
    for part in _parts(body) if body is not None else ():
        text = " ".join(part.text.split())
        if not text or (title and _same(text, title)):
            continue
        around = (_LEGAL.search(text) and len(text) < 400) or (_AROUND.search(text) and len(text) < 50)
        parts.append(Part(PartKind.FURNITURE if around else part.kind, text))
    return parts


def _parts(body: Any) -> Iterator[Part]:
    """The parts of an extracted body; a table of one column, or of long cells, only sets text in its place."""
    for element in body.iterchildren():
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "head":
            yield Part(PartKind.HEADING, _plain(element))
        elif tag == "list":
            for item in element.iter("item"):
                yield Part(PartKind.LIST_ITEM, _plain(item))
        elif tag == "table":
            yield from _rows(element)
        elif tag in ("div", "quote") and len(element):
            yield from _parts(element)
        elif tag:
            for line in _plain(element).split("\n"):
                yield Part(PartKind.PARAGRAPH, line)
        if element.tail and element.tail.strip():
            yield Part(PartKind.PARAGRAPH, element.tail)


def _rows(table: Any) -> Iterator[Part]:
    rows = [[_plain(cell) for cell in row.iter("cell")] for row in table.iter("row")]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    sets = any(len(cell) > 120 for row in rows for cell in row) or all(len(row) < 2 for row in rows)
    for row in rows:
        if sets:
            for cell in row:
                for line in cell.split("\n"):
                    yield Part(PartKind.PARAGRAPH, line)
        elif row:
            yield Part(PartKind.TABLE_ROW, "　".join(row))


def _plain(element: Any) -> str:
    for line in element.iter("lb"):
        line.tail = "\n" + (line.tail or "")
    return "".join(element.itertext())


def _title(tree: Any) -> str | None:
    """The title of the article: a heading that the page's title begins with, or that title without the site's name."""
    stated = " ".join((tree.findtext(".//title") or "").split())
    for path in ("//h1", "//*[@id='activity-name']", "//h2", "//h3"):
        for heading in tree.xpath(path):
            text = " ".join("".join(heading.itertext()).split())
            if len(text) >= 4 and (stated.startswith(text[:8]) or text.startswith(stated[:8] or "\0")):
                return text
    while stated and (shorter := _SITE.sub("", stated)) != stated and len(shorter) >= 6:
        stated = shorter
    return stated or None


def _list(tree: Any) -> Iterator[Part]:
    """The titles that a page lists, each an article whose text is elsewhere."""
    seen = set()
    links = [link for link in tree.iter("a") if "://" not in link.get("href", "")]  # other sites' are no articles here
    for link in links:
        text = " ".join("".join(link.itertext()).split())
        if _TITLE[0] <= len(text) <= _TITLE[1] and text not in seen and not _NAVIGATION.search(text):
            seen.add(text)
            if sum("\u4e00" <= char <= "\u9fff" for char in text) >= 4 and not _LEGAL.search(text):
                yield Part(PartKind.TITLE, text)


def _same(text: str, title: str) -> bool:
    return "".join(text.split()) == "".join(title.split())
