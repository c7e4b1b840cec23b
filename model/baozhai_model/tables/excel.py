"""Rows of an Excel file, merged cells filled in or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baozhai_model.errors import UnreadableTable

Names = list[str | None]
Row = tuple[int, dict[str, Any] | str]


@dataclass(frozen=True, slots=True)
class _Merged:
    """A block of merged cells: ``value`` stands in its first cell, the others are empty in the file."""

    where: str
    columns: range
    value: Any


def excel_rows(path: Path, names_of: Callable[[list[Any]], Names]) -> Iterator[Row]:
    """Each row's number and its fields, or why it cannot be read; ``names_of`` the heading are its fields.

    A value that is merged over several rows of one column counts for each of them; but a text so merged, and cells
    merged over several columns, are refused with their range, and so is a formula that was never computed.

    Raises:
        UnreadableTable: it is no Excel file, or several of its sheets or none have the headings.
    """
    from openpyxl import load_workbook

    try:
        values, formulas = load_workbook(path, data_only=True), load_workbook(path)
    except Exception as error:  # it raises whatever the zip and XML parsers raise
        raise UnreadableTable(f"{path} cannot be read as Excel: {error}") from error
    sheet = _sheet(path, values, names_of)
    names = names_of([cell.value for cell in next(sheet.iter_rows(max_row=1))])
    written = formulas[sheet.title]
    merged = _merged(sheet)
    for number, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        blocks = merged.get(number, [])
        if any(cell is not None for cell in cells) or any(block.value is not None for block in blocks):
            row = list(cells)
            problem = _fill(row, names, blocks) or _uncomputed(row, names, written[number])
            yield number, problem or {n: c for n, c in zip(names, row, strict=False) if n is not None}


def _sheet(path: Path, workbook: Any, names_of: Callable[[list[Any]], Names]) -> Any:
    """The one sheet whose first row names the columns."""
    if not workbook.worksheets:
        raise UnreadableTable(f"{path} holds no table")
    found, first = [], None
    for sheet in workbook.worksheets:
        try:
            names_of([cell.value for cell in next(sheet.iter_rows(max_row=1), ())])
            found.append(sheet)
        except UnreadableTable as error:
            first = first or error
    if len(found) > 1:
        named = ", ".join(sheet.title for sheet in found)
        raise UnreadableTable(f"{path} has labels on several sheets: {named}; keep one sheet in a file")
    if not found:
        raise first or UnreadableTable(f"{path} holds no table")
    return found[0]


def _merged(sheet: Any) -> dict[int, list[_Merged]]:
    """The merged cells of each row."""
    rows: dict[int, list[_Merged]] = {}
    for block in sheet.merged_cells.ranges:
        value = sheet.cell(block.min_row, block.min_col).value
        found = _Merged(str(block), range(block.min_col - 1, block.max_col), value)
        for row in range(block.min_row, block.max_row + 1):
            rows.setdefault(row, []).append(found)
    return rows


def _fill(row: list[Any], names: Names, blocks: list[_Merged]) -> str | None:
    """Write the values of merged ``blocks`` into ``row``; why that cannot be done."""
    for block in blocks:
        fields = [names[column] for column in block.columns if column < len(names) and names[column] is not None]
        if not fields:
            continue
        if len(block.columns) > 1 or fields == ["text"]:
            return f"the {' and the '.join(map(str, fields))} of this row is in the merged cell {block.where}; part it"
        row[block.columns.start] = block.value
    return None


def _uncomputed(row: list[Any], names: Names, written: Any) -> str | None:
    """Why a cell that is read has no value: it holds a formula whose result was never saved."""
    for name, value, cell in zip(names, row, written, strict=False):
        if name is not None and value is None and cell.data_type == "f":
            return f"the {name} is the formula {cell.value}, whose result is not in the file; paste it as a value"
    return None
