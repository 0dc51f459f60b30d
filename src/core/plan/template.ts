/** `{{ name }}` in messages, requests and queries, with escaping for each place. Never in shell text. */
export type Escape = 'none' | 'url' | 'json' | 'header' | 'promql-string' | 'promql-regex' | 'markdown'

/** Replaces every `{{ name }}`; an unknown name is returned in `missing`, and stays as it stood. */
export function renderTemplate(_text: string, _variables: Readonly<Record<string, string>>, _escape: Escape): { text: string; missing: readonly string[] } {
  throw new Error('being built')
}

/** Names a template uses, in order, with their offsets. */
export function templateNames(_text: string): readonly { name: string; offset: number }[] {
  throw new Error('being built')
}
