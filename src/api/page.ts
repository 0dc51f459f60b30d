/** The few plain pages that the API itself shows to a browser: one heading, one sentence, one way on. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** `then` = a path of ours to go on to at once; null = it stays. No script and no style: the policy forbids both. */
export function page(
  context: Context,
  status: ContentfulStatusCode,
  heading: string,
  sentence: string,
  then: string | null,
): Response {
  const on = then === null ? '' : `<meta http-equiv="refresh" content="0;url=${escaped(then)}">`
  const link = then === null ? '' : `<p><a href="${escaped(then)}">Go on</a></p>`
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(heading)}</title>${on}</head><body><h1>${escaped(heading)}</h1><p>${escaped(sentence)}</p>${link}</body></html>\n`
  return context.body(html, status, { 'content-type': 'text/html; charset=utf-8' })
}

/** Text as it may stand in HTML, in an attribute too. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (char) => names[char] ?? char)
}
