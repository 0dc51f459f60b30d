/** `{{ name }}` in messages, requests and queries, with escaping for each place. Never in shell text. */
import { quotePattern } from './pattern.ts'

export type Escape = 'none' | 'url' | 'json' | 'header' | 'promql-string' | 'promql-regex' | 'markdown'

const slot = /\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}/g

/** Replaces every `{{ name }}`; an unknown name is returned in `missing`, and stays as it stood. */
export function renderTemplate(
  text: string,
  variables: Readonly<Record<string, string>>,
  escape: Escape,
): { text: string; missing: readonly string[] } {
  const missing: string[] = []
  // A replacement function is called once per slot of the template: values that contain {{…}} are not looked at again.
  const rendered = text.replace(slot, (whole: string, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value !== undefined) return escapeFor(value, escape)
    missing.push(name)
    return whole
  })
  return { text: rendered, missing }
}

/** Names a template uses, in order, with their offsets. */
export function templateNames(text: string): readonly { name: string; offset: number }[] {
  return Array.from(text.matchAll(slot), (match) => ({ name: match[1] ?? '', offset: match.index }))
}

/** A value as its place takes it. */
export function escapeFor(value: string, escape: Escape): string {
  switch (escape) {
    case 'none':
      return value
    case 'url':
      return encodeURIComponent(value.toWellFormed())
    case 'json':
      return JSON.stringify(value).slice(1, -1)
    case 'header':
      // A line break in a header would begin another header.
      return value.replace(/\p{Cc}+/gu, ' ')
    case 'promql-string':
      return inString(value)
    case 'promql-regex':
      return inString(quotePattern(value))
    case 'markdown':
      return value.replace(/[\\`*_[\]<>|~]/g, '\\$&').replace(/\s*[\r\n]+\s*/g, ' ')
  }
}

/** For the inside of a PromQL string in either quote: each accepts only its own quote escaped, both accept the hex form. */
function inString(value: string): string {
  return value.replace(/[\\"'`\n\r]/g, (character) => quoted[character] ?? character)
}

const quoted: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\x22',
  "'": '\\x27',
  '`': '\\x60',
  '\n': '\\n',
  '\r': '\\r',
}
