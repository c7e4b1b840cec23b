// Paragraphs to label, out of a file: a table of texts, a text page, or any document that can be read.

import { api } from "./api.js";

const PLAIN = /(?:^[^.]+|\.(?:txt|md|csv|jsonl|ndjson))$/i;

/** The paragraphs {text, title, source} of a file. */
export async function fromFile(file) {
  if (PLAIN.test(file.name)) {
    const answer = await api.bytes(`/desk/candidates?name=${encodeURIComponent(file.name)}`, file);
    return answer.items;
  }
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await api.form("/v1/read", form);
  return answer.articles.flatMap((article) => article.paragraphs.map(({ text }) => ({ text, title: article.headline, source: file.name })));
}
