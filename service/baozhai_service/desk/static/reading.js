// How a page is read: first its articles, at once; then the topics of their paragraphs, some at a time.

import { api } from "./api.js";
import { breathe, served } from "./dom.js";

const FIRST = 600; // characters of the first request, so that the first topics are there within a second
const MORE = 3000; // of the others
const AT_ONCE = 2; // requests

const { article_share: SHARE } = served("reading") ?? { article_share: 0.3 };

/** The articles of a pasted text: their blocks and paragraphs, without topics. */
export function outline(text, signal) {
  return api.post("/desk/outline", { text }, { signal });
}

/** A page from the answer of /v1/read: its topics and digests are there already. */
export function outlineOf(answer) {
  const articles = answer.articles.map((article) => {
    const bySpans = new Map(article.paragraphs.map((paragraph, index) => [JSON.stringify(paragraph.spans), index]));
    const blocks = article.blocks.map((block) => ({ ...block, paragraph: bySpans.get(JSON.stringify(block.spans)) ?? null }));
    return { ...article, blocks };
  });
  return { characters: answer.coverage.characters, articles };
}

/** Groups of paragraphs of one article, small enough for one request each. */
function* batches(articles) {
  let limit = FIRST;
  for (const [number, article] of articles.entries()) {
    let group = [];
    let size = 0;
    for (const [index, paragraph] of article.paragraphs.entries()) {
      if (paragraph.topics) continue;
      if (group.length > 0 && size + paragraph.text.length > limit) {
        yield { number, group };
        group = [];
        size = 0;
        limit = MORE;
      }
      group.push(index);
      size += paragraph.text.length;
    }
    if (group.length > 0) {
      yield { number, group };
      limit = MORE;
    }
  }
}

/**
 * Ask for the topics of every paragraph; `told(article, paragraphs, share)` is called as they come.
 * A paragraph that cannot be read gets `error` in the place of its topics.
 */
export async function classify(articles, told, signal) {
  const waiting = [...batches(articles)];
  const total = waiting.reduce((sum, { group }) => sum + group.length, 0);
  let done = 0;
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const article = articles[next.number];
      const texts = next.group.map((index) => article.paragraphs[index].text);
      const answer = await api.post("/v1/classify", { texts, ...(article.headline ? { title: article.headline } : {}) }, { signal });
      for (const [place, index] of next.group.entries()) Object.assign(article.paragraphs[index], answer.results[place]);
      done += next.group.length;
      told(next.number, next.group, done / total, answer.model_version);
      await breathe();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** An article's topics: those that paragraphs with a fixed share of its characters carry. */
export function articleTopics(article, names) {
  const characters = article.paragraphs.reduce((sum, paragraph) => sum + paragraph.text.length, 0);
  const carried = (name) =>
    article.paragraphs.reduce((sum, paragraph) => sum + (paragraph.topics?.includes(name) ? paragraph.text.length : 0), 0);
  return names.filter((name) => characters > 0 && carried(name) >= SHARE * characters);
}

/** The text that an article's digests are taken of, and where in it each paragraph begins (code points). */
export function digestSource(article) {
  let start = 0;
  const starts = article.paragraphs.map((paragraph) => {
    const here = start;
    start += [...paragraph.text].length + 1;
    return here;
  });
  return { text: article.paragraphs.map((paragraph) => paragraph.text).join("\n"), starts };
}

/** The digests of an article, of every length; of what it says about `topic` alone, if one is named. */
export async function digests(article, topic, signal) {
  article.digests ??= new Map();
  const key = topic ?? "";
  if (!article.digests.has(key)) {
    const { text, starts } = digestSource(article);
    const asked = api.post("/desk/digests", { text, title: article.headline, topic }, { signal }).then((answer) => ({
      ...answer,
      sentences: answer.sentences.map((sentence) => {
        const paragraph = starts.findLastIndex((start) => start <= sentence.start);
        return { ...sentence, paragraph, start: sentence.start - starts[paragraph], end: sentence.end - starts[paragraph] };
      }),
    }));
    article.digests.set(key, asked);
    asked.catch(() => article.digests.delete(key)); // so that it can be asked for again
  }
  return article.digests.get(key);
}

/** The sentences of a digest of `length` (sentences or characters). */
export function chosen(digest, unit, length) {
  const table = unit === "characters" ? digest.by_characters : digest.by_sentences;
  const place = unit === "characters" ? digest.characters.indexOf(length) : length - 1;
  return (table[Math.max(0, Math.min(place, table.length - 1))] ?? []).map((index) => digest.sentences[index]);
}

/** Why a paragraph carries its topics: {topic: [{start, end, text, drop}]}. */
export async function evidence(article, paragraph, signal) {
  paragraph.evidence ??= api
    .post("/v1/classify", { texts: [paragraph.text], evidence: true, ...(article.headline ? { title: article.headline } : {}) }, { signal })
    .then((answer) => answer.results[0].evidence ?? {});
  paragraph.evidence.catch(() => { paragraph.evidence = undefined; });
  return paragraph.evidence;
}
