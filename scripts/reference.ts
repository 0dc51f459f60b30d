/** Writes docs/checks.md from the definitions: `node scripts/reference.ts`. A test says when the page is stale. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { actions } from '../src/actions/index.ts'
import { checks } from '../src/checks/index.ts'
import { placeKinds } from '../src/core/plan/place-kinds.ts'
import { metricSources } from '../src/metrics/index.ts'
import { notifiers } from '../src/notify/index.ts'
import { trafficDrivers } from '../src/traffic/index.ts'

export const referencePage = join(import.meta.dirname, '..', 'docs', 'checks.md')

interface Kind {
  readonly kind: string
  readonly summary: string
  readonly config: z.ZodType
  readonly example: string
  readonly timeoutMs?: number
  readonly facts?: Readonly<Record<string, string>>
}

/** How a block of this kind begins; the body of these languages is one of their settings. */
const languages: Readonly<
  Record<string, { readonly fence: string; readonly body: string; readonly language?: string }>
> = {
  command: { fence: 'sh check', body: 'script', language: 'shell' },
  http: { fence: 'http check', body: 'requests' },
  promql: { fence: 'promql check', body: 'query' },
  sql: { fence: 'sql check', body: 'query' },
}

export function renderReference(): string {
  return [
    '# Checks, actions, sources, drivers and channels',
    '',
    '<!-- Written by scripts/reference.ts from the definitions themselves. Edit those, then run `node scripts/reference.ts`. -->',
    '',
    'Every kind that a checklist may name. [extending.md](extending.md) shows how to add one.',
    '',
    '## Checks',
    '',
    'A check only reads. It ends as `passed`, `failed` (the release is not good), `inconclusive` (not enough data) or `errored`',
    '(a tool broke); only `passed` opens a gate. Every check also takes `id`, `when`, `timeout`, `expect` (CEL on the facts below),',
    '`capture`, `severity`, `max-age`, `only`, `never` and `owner`.',
    '',
    ...(checks as readonly unknown[] as readonly Kind[]).flatMap((check) => section(check)),
    '## Actions',
    '',
    'What `yaml run` can do without a script. Each looks before it acts, may always run again, and reads back what it did. Every action',
    'also takes `id`, `when`, `timeout`, `cwd`, `capture`, `worker`, `retries`, `irreversible`, `component`, `only`, `never`, `owner` and',
    '`danger`; texts take `{{ name }}`.',
    '',
    ...(actions as readonly unknown[] as readonly Kind[]).flatMap((action) => section(action)),
    '## Sources',
    '',
    'Places that answer, declared under `sources:` in the front matter. Passwords stand there as `{{ secret.NAME }}`.',
    '',
    ...sourceKinds().flatMap((source) => section(source)),
    '## Traffic drivers',
    '',
    'How a component of a rollout gets its weight. Every weight that is set is read back before a soak begins.',
    '',
    ...(trafficDrivers as readonly unknown[] as readonly Kind[]).flatMap((driver) => section(driver)),
    '## Channels',
    '',
    'Where messages go, declared under `channels:`. The channel `console` always exists.',
    '',
    ...(notifiers as readonly unknown[] as readonly Kind[]).flatMap((notifier) => section(notifier)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function sourceKinds(): readonly Kind[] {
  const places = [...placeKinds].map(([kind, place]) => ({ kind, ...place }))
  return [...(metricSources as readonly unknown[] as readonly Kind[]), ...places]
}

function section(kind: Kind): readonly string[] {
  const language = languages[kind.kind]
  const isBlock = kind.example.startsWith('```')
  const title = isBlock && language ? language.fence : kind.kind
  return [
    `### ${title}`,
    '',
    `${kind.summary}.${kind.facts && kind.timeoutMs !== undefined ? ` Time limit unless \`timeout\` says otherwise: ${words(kind.timeoutMs)}.` : ''}`,
    '',
    ...(isBlock ? ['````markdown', kind.example, '````'] : ['```yaml', kind.example, '```']),
    '',
    ...settingsTable(kind, isBlock ? language : undefined),
    ...factsLine(kind),
  ]
}

interface Shape {
  readonly properties?: Readonly<Record<string, Setting>>
  readonly required?: readonly string[]
}

interface Setting extends Shape {
  readonly title?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Setting[]
  readonly items?: Setting
  readonly default?: unknown
  readonly description?: string
}

function settingsTable(
  kind: Kind,
  block: { readonly body: string; readonly language?: string } | undefined,
): readonly string[] {
  const schema = z.toJSONSchema(kind.config, { io: 'input', unrepresentable: 'any' }) as Shape
  const rows = rowsOf(schema, '', block)
  return rows.length === 0 ? [] : ['| setting | value | meaning |', '|---|---|---|', ...rows, '']
}

/** A setting that is made of settings is followed by those. */
function rowsOf(
  shape: Shape,
  above: string,
  block?: { readonly body: string; readonly language?: string },
): readonly string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, setting]) => {
    const required = shape.required?.includes(name) ?? false
    const full = `${above}${hyphenated(name)}`
    const shown = placeOf(name, block) ?? `\`${full}\`${required ? '' : ' (optional)'}`
    return [
      `| ${shown} | ${valueOf(setting)} | ${cell(setting.description ?? '')} |`,
      ...(setting.title === undefined ? innerRows(setting, full) : []),
    ]
  })
}

function innerRows(setting: Setting, name: string): readonly string[] {
  const [only] = (setting.anyOf ?? []).filter((one) => one.properties ?? one.items?.properties)
  const inner = only ?? setting
  if (inner.properties) return rowsOf(inner, `${name}.`)
  return inner.items?.properties ? rowsOf(inner.items, `${name}[].`) : []
}

function placeOf(
  name: string,
  block: { readonly body: string; readonly language?: string } | undefined,
): string | null {
  if (name === block?.body) return 'the body of the block'
  return name === block?.language ? 'the language of the block' : null
}

function valueOf(setting: Setting): string {
  const initial =
    setting.default === undefined || setting.default === null || JSON.stringify(setting.default) === '{}'
      ? ''
      : `, else \`${JSON.stringify(setting.default)}\``
  return `${typeOf(setting)}${initial}`
}

function typeOf(setting: Setting): string {
  if (setting.title !== undefined) return setting.title
  if (setting.enum) return setting.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (setting.const !== undefined) return `\`${JSON.stringify(setting.const).replaceAll('"', '')}\``
  if (setting.anyOf) return [...new Set(setting.anyOf.map(typeOf).filter((type) => type !== ''))].join(' or ')
  const types = typeof setting.type === 'string' ? [setting.type] : (setting.type ?? ['any'])
  return types
    .filter((type) => type !== 'null')
    .map(
      (type) =>
        ({
          string: 'text',
          boolean: 'true or false',
          integer: 'whole number',
          object: 'names and values',
          array: 'list',
        })[type] ?? type,
    )
    .join(' or ')
}

function factsLine(kind: Kind): readonly string[] {
  const facts = Object.entries(kind.facts ?? {})
  if (facts.length === 0) return []
  return [`Facts for \`expect\`: ${facts.map(([name, type]) => `\`${name}\` (${type})`).join(', ')}.`, '']
}

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function words(ms: number): string {
  return ms % 86_400_000 === 0
    ? `${ms / 86_400_000}d`
    : ms % 3_600_000 === 0
      ? `${ms / 3_600_000}h`
      : ms % 60_000 === 0
        ? `${ms / 60_000}m`
        : `${ms / 1_000}s`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(referencePage, renderReference())
