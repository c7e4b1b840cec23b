"""The query language: words, phrases in quotes, AND, OR, NOT and parentheses.

    query   = all ("OR" all)*
    all     = each ("AND"? each)*
    each    = ("NOT" | "-") each | "(" query ")" | phrase | word

A word or phrase matches where its characters follow one another in the text, as `folding` compares them. Words that
stand side by side must all occur. Nothing else has a meaning: there are no wildcards and no regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from baozhai_service.archive.search.errors import InvalidQuery
from baozhai_service.archive.search.folding import fold

LONGEST = 500  # characters of a query
MOST_WORDS = 50
DEEPEST = 20  # parentheses and NOTs within one another

_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』"}
_BRACKETS = {"（": "(", "）": ")"}
_BARE = re.compile(r"[^\s()（）\"“”「」『』]+")


@dataclass(frozen=True, slots=True)
class Word:
    """Characters that follow one another, folded."""

    text: str

    def matches(self, folded: str) -> bool:
        """Whether a folded text has it."""
        return self.text in folded


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match ``node``."""

    node: Node

    def matches(self, folded: str) -> bool:
        """Whether a folded text does not match."""
        return not self.node.matches(folded)


@dataclass(frozen=True, slots=True)
class And:
    """What matches all of ``nodes``."""

    nodes: tuple[Node, ...]

    def matches(self, folded: str) -> bool:
        """Whether a folded text matches all."""
        return all(node.matches(folded) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """What matches one of ``nodes``."""

    nodes: tuple[Node, ...]

    def matches(self, folded: str) -> bool:
        """Whether a folded text matches one."""
        return any(node.matches(folded) for node in self.nodes)


Node = Word | Not | And | Or


def parse_query(query: str) -> Node | None:
    """The tree of ``query``; None if it is blank, which matches everything.

    Raises:
        InvalidQuery: it is too long, or a quote, a parenthesis or an operator has no counterpart.

    >>> parse_query('垃圾分类 NOT "小区 物业"')
    And(nodes=(Word(text='垃圾分类'), Not(node=Word(text='小区 物业'))))
    """
    if len(query) > LONGEST:
        raise InvalidQuery(f"the query has {len(query)} characters; at most {LONGEST} are accepted")
    tokens = list(_tokens(query))
    if sum(token.kind == "word" for token in tokens) > MOST_WORDS:
        raise InvalidQuery(f"the query has more than {MOST_WORDS} words")
    return _Parser(tokens).parse() if tokens else None


def words_to_mark(node: Node | None) -> frozenset[str]:
    """The folded words of a query that a hit may hold: those that are not under a NOT."""
    match node:
        case Word(text):
            return frozenset({text})
        case And(nodes) | Or(nodes):
            return frozenset().union(*map(words_to_mark, nodes))
    return frozenset()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word, (, ), AND, OR, NOT
    text: str
    at: int  # place in the query, from 1


def _tokens(query: str) -> Iterator[_Token]:
    at = 0
    while at < len(query):
        character = _BRACKETS.get(query[at], query[at])
        if character.isspace():
            at += 1
        elif character in "()":
            yield _Token(character, character, at + 1)
            at += 1
        elif character in _QUOTES:
            end = query.find(_QUOTES[character], at + 1)
            if end < 0:
                raise InvalidQuery(
                    f"the quote {character} at character {at + 1} is never closed; close it with {_QUOTES[character]}"
                )
            yield _word(query[at + 1 : end], at)
            at = end + 1
        elif found := _BARE.match(query, at):
            yield from _bare(found[0], at)
            at = found.end()
        else:
            raise InvalidQuery(f"the quote {character} at character {at + 1} closes nothing")


def _bare(text: str, at: int) -> Iterator[_Token]:
    if text in ("AND", "OR", "NOT"):
        yield _Token(text, text, at + 1)
    elif text[0] == "-":  # -word, -"a phrase", -(…)
        yield _Token("NOT", "-", at + 1)
        if len(text) > 1:
            yield _word(text[1:], at + 1)
    else:
        yield _word(text, at)


def _word(text: str, at: int) -> _Token:
    if not text.strip():
        raise InvalidQuery(f"the quotes at character {at + 1} hold nothing to look for")
    return _Token("word", text, at + 1)


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def parse(self) -> Node:
        node = self._query(0)
        if token := self._peek():  # only a closing parenthesis can be left
            raise InvalidQuery(f"the parenthesis at character {token.at} closes nothing")
        return node

    def _query(self, depth: int) -> Node:
        nodes = [self._all(depth)]
        while self._take("OR"):
            nodes.append(self._all(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _all(self, depth: int) -> Node:
        nodes = [self._each(depth)]
        while (token := self._peek()) and token.kind not in (")", "OR"):
            self._take("AND")
            nodes.append(self._each(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _each(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise InvalidQuery(f"the query has more than {DEEPEST} parentheses or NOTs within one another")
        if self._take("NOT"):
            return Not(self._each(depth + 1))
        if opened := self._take("("):
            node = self._query(depth + 1)
            if not self._take(")"):
                raise InvalidQuery(f"the parenthesis at character {opened.at} is never closed")
            return node
        if word := self._take("word"):
            return Word(fold(word.text))
        token = self._peek()
        where = f"at character {token.at}, before {token.text}" if token else "at its end"
        raise InvalidQuery(f"the query lacks a word {where}; to look for AND, OR or NOT, put it in quotes")

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._next += 1
        return token
