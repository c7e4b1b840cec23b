"""A folder of pages as offices have them: text, Word, web pages and a ZIP archive; twice the same files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx

from tests.service.archive.archives import score, table

BODY = "入冬以来，青河市把供暖保障作为民生大事来抓，提前检修管道，备足燃料，确保群众温暖过冬。"
SECOND = "下一步，有关部门将继续公布监督电话，对群众反映的问题做到当天回应、三天办结。"


def word() -> bytes:
    document = docx.Document()
    document.add_heading("青河市全力保障冬季供暖", 0)
    document.add_paragraph(BODY)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def web() -> bytes:
    page = (
        f"<html><head><title>南浦县修通灌溉渠</title></head><body><h1>南浦县修通灌溉渠</h1><p>{BODY}</p><p>{SECOND}</p>"
    )
    return page.encode("gbk")


def folder_of(path: Path) -> Path:
    path.mkdir()
    (path / "20240719-01.txt").write_text(f"白石乡举办读书会\n\n{SECOND}\n", encoding="utf-8")
    (path / "20240719-02.docx").write_bytes(word())
    (path / "20240719-03.html").write_bytes(web())
    (path / "20240719-04.pdf").write_bytes(b"%PDF-1.4 broken")
    with zipfile.ZipFile(path / "旧版.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20230719-01.docx", word())
        archive.writestr("20230719-02.html", web())
        archive.writestr("程序.exe", b"MZ")
        archive.writestr("内层.zip", b"PK")
        archive.writestr("20230719-03.txt", f"云台区启用新便民服务点\n\n{SECOND}\n".encode())
    return path


def test_documents_are_scored_beside_text(bundle_folder: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "日报")
    score(folder, tmp_path / "out", bundle_folder)
    articles = {row["file"]: row for row in table(tmp_path / "out", "articles")}
    assert {name: (row["headline"], row["encoding"], str(row["date"])) for name, row in articles.items()} == {
        "20240719-01.txt": ("白石乡举办读书会", "utf-8", "2024-07-19"),
        "20240719-02.docx": ("青河市全力保障冬季供暖", "docx", "2024-07-19"),
        "20240719-03.html": ("南浦县修通灌溉渠", "html", "2024-07-19"),
        "旧版.zip/20230719-01.docx": ("青河市全力保障冬季供暖", "docx", "2023-07-19"),
        "旧版.zip/20230719-02.html": ("南浦县修通灌溉渠", "html", "2023-07-19"),
        "旧版.zip/20230719-03.txt": ("云台区启用新便民服务点", "text", "2023-07-19"),
    }
    texts = [row["text"] for row in table(tmp_path / "out", "paragraphs") if row["file"] == "20240719-03.html"]
    assert texts == [BODY, SECOND]
    letters = {row["file"]: row for row in table(tmp_path / "out", "dead_letters")}
    assert {name: row["reason"] for name, row in letters.items()} == {
        "20240719-04.pdf": "broken_document",
        "旧版.zip/程序.exe": "unsupported_file",
        "旧版.zip/内层.zip": "unsupported_file",
    }
    assert letters["20240719-04.pdf"]["bytes"] == b"%PDF-1.4 broken"


def test_a_run_over_documents_is_repeated_byte_for_byte(bundle_folder: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "日报")
    written = []
    for name in ("first", "second"):
        score(folder, tmp_path / name, bundle_folder)
        files = sorted((tmp_path / name).rglob("*.parquet"))
        written.append([(file.relative_to(tmp_path / name), file.read_bytes()) for file in files])
    assert written[0] == written[1]


def test_a_damaged_archive_is_one_dead_letter(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "20240719-01.txt").write_text(f"白石乡举办读书会\n\n{SECOND}\n", encoding="utf-8")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    score(folder, tmp_path / "out", bundle_folder)
    (letter,) = table(tmp_path / "out", "dead_letters")
    assert (letter["file"], letter["reason"]) == ("broken.zip", "unreadable_file")
