"""Bytes of every encoding that pages come in are read as what they say, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opencc import OpenCC

from baozhai_model.text.encodings import Undecodable, decode, decode_page

COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民"
    "得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社"
    "义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并"
)
traditional = OpenCC("s2tw").convert
chinese = st.text(st.sampled_from(COMMON + "，。、；：“”（）《》"), min_size=10, max_size=200)
PAGE = "议事亭建起来\n\n居民有事到亭里商量，网格员每周三下午坐班，已经解决停车、垃圾清运等问题四十余件。\n"


@given(chinese)
@example("，" * 10)
def test_simplified_text_is_read_in_every_encoding(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312"):
        assert decode(text.encode(encoding)).text == text
        assert decode_page(text.encode(encoding)).text == text
    assert decode_page(text.encode("utf-16")).text == text


@given(chinese.map(traditional))
def test_traditional_text_is_read_in_every_encoding(text: str) -> None:
    for encoding in ("utf-8", "gb18030", "big5", "cp950", "big5hkscs"):
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        assert decode(raw).text == text
        assert decode_page(raw).text == text


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for read in (decode, decode_page):
        with suppress(Undecodable):
            assert read(raw).encoding in ("utf-8", "utf-16", "gb18030", "big5", "mixed")


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (PAGE.encode(), "utf-8"),
        (PAGE.encode("utf-16"), "utf-16"),
        (PAGE.encode("utf-16-le"), "utf-16"),
        (PAGE.encode("utf-16-be"), "utf-16"),
        (PAGE.encode("gb2312"), "gb18030"),
        (traditional(PAGE).encode("gbk"), "gb18030"),
        (traditional(PAGE).encode("big5"), "big5"),
        (traditional(PAGE).replace("\n", "\r\n").encode("cp950"), "big5"),
        (PAGE.encode() + PAGE.encode("gbk"), "mixed"),
        (b"2023-07-19, plain ASCII.\n", "utf-8"),
    ],
)
def test_the_encoding_is_told(raw: bytes, encoding: str) -> None:
    assert decode_page(raw).encoding == encoding


def test_what_may_be_either_is_refused_with_both_readings() -> None:
    raw = "猆獆琒瑽璷甂甞畆疈疓疛痀".encode("gb18030")
    with pytest.raises(Undecodable, match=r"GB18030 \(.*…\) or Big5 \(.*…\)"):
        decode(raw)


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"\x80\x81", b"\xff\xfe\x00\xd8"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_page(raw)
