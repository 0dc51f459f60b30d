/** `{{ secret.NAME }}` in requests, queries, sources and channels: each name must be declared. */
import type { Compiling } from './draft.ts'
import { nearest } from './nearest.ts'
import { templateNames } from './template.ts'

export function checkSecretSlots(compiling: Compiling): void {
  const { declared, problems } = compiling
  const known = Object.keys(declared.secrets)
  const top = { line: 2, column: 1 }
  const configs = [...Object.values(declared.sources), ...Object.values(declared.channels)]
  const texts = [
    ...compiling.templates,
    // A config is searched as JSON: its slots have no character that JSON would escape.
    ...configs.map((each) => ({ text: JSON.stringify(each.config), place: top })),
  ]
  const told = new Set<string>()
  for (const { text, place } of texts) {
    for (const { name } of templateNames(text)) {
      const secret = name.startsWith('secret.') ? name.slice('secret.'.length) : null
      if (secret === null || known.includes(secret)) continue
      // A query stands among the settings too.
      const once = `${place.line}:${place.column} ${secret}`
      if (told.has(once)) continue
      told.add(once)
      problems.error('unknown-secret', place, {
        found: `unknown secret "${secret}" in {{ ${name} }}`,
        expected: known.length === 0 ? 'a secret declared in the front matter' : nearest(secret, known),
        example: `secrets: { ${secret}: { env: ${secret} } }`,
      })
    }
  }
}
