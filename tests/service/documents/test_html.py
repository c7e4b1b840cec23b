"""Web pages, written here: encodings as browsers take them, the article alone, and pages that list articles."""

from __future__ import annotations

import pytest

from baozhai_model.structure import Role
from baozhai_service.documents import DocumentError, read_document
from baozhai_service.documents.errors import DocumentTooLarge

PARAGRAPHS = (
    "入冬以来，青河市把供暖保障作为民生大事来抓，提前检修管道，备足燃料，确保群众温暖过冬。",
    "记者在南浦县看到，供热站的值班人员正在巡查设备，每隔两个小时记录一次温度和压力。",
    "下一步，有关部门将继续公布监督电话，对群众反映的问题做到当天回应、三天办结。",
)


def page_of(paragraphs: tuple[str, ...] = PARAGRAPHS, head: str = "", around: str = "") -> str:
    body = "".join(f"<p>　　{text}</p>" for text in paragraphs)
    return (
        f"<!doctype html><html><head>{head}<title>青河市全力保障冬季供暖-青河新闻网</title></head><body>"
        "<div class=nav><a href=/>首页</a><a href=/news>新闻中心</a><a href=/about>关于我们</a></div>"
        f"<div class=article><h1>青河市全力保障冬季供暖</h1>{around}<div class=content>{body}</div></div>"
        "<div class=footer>版权所有 青河新闻网 未经授权不得转载</div></body></html>"
    )


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=utf-8>", "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=GB2312">', "gbk"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "utf-8"),  # it is not what it says
        ("", "gb18030"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_a_page_is_decoded_as_browsers_do(head: str, encoding: str) -> None:
    (article,) = read_document(page_of(head=head).encode(encoding), "page.html").articles
    assert article.headline == "青河市全力保障冬季供暖"
    assert tuple(paragraph.text for paragraph in article.paragraphs) == PARAGRAPHS


def test_big5_is_read_where_the_page_says_so() -> None:
    text = "入冬以來，青河市把供暖保障作為民生大事來抓，提前檢修管道，備足燃料，確保群眾溫暖過冬。"
    data = f"<html><head><meta charset=big5></head><body><article><p>{text}</p></article></body></html>".encode("big5")
    assert read_document(data, "page.html").text.endswith(text)


def test_seven_hundred_kilobytes_of_script_do_not_matter() -> None:
    script = f"<script>var data='{'x' * 700_000}';</script>"
    (article,) = read_document(page_of(around=script).encode(), "page.html").articles
    assert tuple(paragraph.text for paragraph in article.paragraphs) == PARAGRAPHS


def test_an_article_that_scripts_would_show_is_read() -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = (
        "<html><head><title>青河市全力保障冬季供暖</title></head><body><h1 id=activity-name>青河市全力保障冬季供暖</h1>"
        f"<div id=js_content style='visibility: hidden; opacity: 0'>{body}</div></body></html>"
    )
    (article,) = read_document(page.encode(), "weixin.html").articles
    assert tuple(paragraph.text for paragraph in article.paragraphs) == PARAGRAPHS


def test_a_page_of_an_electronic_paper_gives_its_titles() -> None:
    titles = ("青河市全力保障冬季供暖", "南浦县灌溉渠修通", "白石乡举办读书会", "云台区启用新便民服务点")
    links = "".join(f"<li><a href='content_{at}.html'>{title}</a></li>" for at, title in enumerate(titles))
    pages = "".join(f"<a href='node_0{at}.html'>0{at}版：要闻</a>" for at in range(1, 5))
    day = "<div>青河日报 2024年12月25日</div>"
    page = f"<html><body><div>{pages}</div>{day}<ul class=news-list>{links}</ul></body></html>"
    read = read_document(page.encode(), "node_01.html")
    assert tuple(article.headline for article in read.articles) == titles


def test_what_stands_round_an_article_is_no_body() -> None:
    around = "<div>2024年12月25日 来源：青河日报</div>"
    (article,) = read_document(page_of(around=around).encode(), "page.html").articles
    assert not any("来源" in paragraph.text for paragraph in article.paragraphs)
    assert {block.role for block in article.blocks} <= {Role.HEADLINE, Role.BODY, Role.FURNITURE}


def test_markup_without_end_is_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="markup"):
        read_document(b"<html><body>" + b"<div>" * 2_000_000, "deep.html")


def test_markup_nested_deeply_gets_an_answer() -> None:
    data = ("<html><body>" + "<div>" * 20_000 + f"<p>{PARAGRAPHS[0]}</p>").encode()
    try:
        text = read_document(data, "deep.html").text
    except DocumentError:
        return
    assert PARAGRAPHS[0][:10] in text
