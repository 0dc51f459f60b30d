/** What importing takes each item for agrees with what people found in the same documents, item by item and rule by rule. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importDocument, type ImportedItem } from '../../src/import/import.ts'
import type { Kind } from '../../src/import/item.ts'
import { areThere, catalogue, seedBytes, seedNames, seedsFolder, type Catalogued } from './documents.ts'
import { missingOf, rulesOf } from './rule-match.ts'

interface Classified extends Catalogued {
  readonly kind: Kind
  readonly also_kinds: readonly Kind[]
  readonly class: 'requirement' | 'group' | 'info'
  readonly automatable: 'full' | 'partial' | 'no'
}

const disagreements = JSON.parse(readFileSync(new URL('./disagreements.json', import.meta.url), 'utf8')) as readonly {
  readonly id: string
  readonly reason: string
}[]

const forms: Readonly<Record<string, readonly string[]>> = {
  heading: ['heading'],
  fence: ['fence'],
  part: ['fence'],
  prose: ['prose', 'field'],
  table: ['table-row'],
  tablerow: ['table-row'],
}
const listForms = ['task', 'bullet', 'ordered']

const ruleKinds =
  /^(?:decision-rule|rollback-trigger|change-freeze|schedule|monitor-window|canary-stage|notification|retrospective|record-freshness|contact|manual)$/

/** Roles that say the same as the class of the catalogue, by form and kind. */
function rolesOf({ class: is, kind, form, also_kinds }: Classified): readonly string[] {
  if (is === 'group') return ['group']
  if (is === 'info') return ['note']
  const isTask = form.startsWith('checkbox')
  if (kind === 'form-field') return ['field', 'step']
  if (kind === 'contact') return isTask ? ['step'] : ['contact', 'rule', 'step']
  if (kind === 'template') return isTask ? ['step'] : ['message']
  if (also_kinds.includes('group')) return ['step', 'group']
  if (ruleKinds.test(kind) && !isTask) return ['rule', 'step', 'message']
  return ['step']
}

describe.skipIf(!areThere(seedsFolder))('what importing takes items for', () => {
  const documents = new Map(seedNames.map((name) => [name.slice(0, 3), itemsOf(name)]))
  const all = catalogue() as readonly Classified[]
  const compared = all.filter(({ form }) => form !== 'part').map((wanted) => ({ wanted, item: itemFor(wanted) }))
  const known = new Set(disagreements.map(({ id }) => id))

  function itemsOf(name: (typeof seedNames)[number]): readonly ImportedItem[] {
    return importDocument(seedBytes(name), { file: name }).imported.items
  }

  function itemFor({ seed, line, form, line_end }: Classified): ImportedItem | undefined {
    const items = documents.get(seed) ?? []
    const fits = forms[form] ?? listForms
    if (form === 'table')
      return items.find((each) => each.form === 'table-row' && each.line > line && each.line <= line_end)
    if (form === 'part')
      return items.findLast((each) => each.form === 'fence' && each.line <= line && each.endLine >= line)
    return items.find((each) => each.line === line && fits.includes(each.form))
  }

  const isRole = ({ wanted, item }: (typeof compared)[number]): boolean =>
    item !== undefined && rolesOf(wanted).includes(item.role)
  const isKind = ({ wanted, item }: (typeof compared)[number]): boolean =>
    item !== undefined && (item.kind === wanted.kind || wanted.also_kinds.includes(item.kind))

  test('every item is there', () => {
    expect(compared.filter(({ item }) => !item).map(({ wanted }) => wanted.id)).toEqual([])
  })

  test('at least 95 % of the roles agree', () => {
    expect(compared.filter(isRole).length / compared.length).toBeGreaterThanOrEqual(0.95)
  })

  test('at least 90 % of the kinds agree where a machine could do it all', () => {
    const full = compared.filter(({ wanted }) => wanted.automatable === 'full')
    process.stdout.write(`${tableOf()}\n`)
    expect(full.filter(isKind).length / full.length).toBeGreaterThanOrEqual(0.9)
  })

  test('every disagreement is listed with its reason, and none that is no longer one', () => {
    const differing = compared.filter((each) => !isRole(each) || (each.wanted.automatable === 'full' && !isKind(each)))
    expect(differing.map(({ wanted }) => wanted.id).filter((id) => !known.has(id))).toEqual([])
    const ids = new Set(compared.filter((each) => !isRole(each) || !isKind(each)).map(({ wanted }) => wanted.id))
    expect([...known].filter((id) => !ids.has(id))).toEqual([])
    for (const { reason } of disagreements) expect(reason.length).toBeGreaterThan(20)
  })

  test('at least 80 % of the rules are recognised with all their parameters', () => {
    const byId = new Map(all.map((each) => [each.id, each]))
    const rules = rulesOf(readFileSync(join(seedsFolder, 'catalogue.md'), 'utf8'))
    expect(rules).toHaveLength(225)
    const missing = rules.flatMap((rule) => {
      const wanted = byId.get(rule.item)
      const why = wanted ? missingOf(rule, itemFor(wanted), wanted.line) : 'no such item'
      return why === null ? [] : [`${rule.id} ${rule.item}: ${why}`]
    })
    const seen = rules.length - missing.length
    process.stdout.write(
      `rules recognised with all parameters: ${seen} of ${rules.length} (${percent(seen, rules.length)})\n`,
    )
    process.stdout.write(`not recognised:\n  ${missing.join('\n  ')}\n`)
    expect(seen / rules.length).toBeGreaterThanOrEqual(0.8)
  })

  function tableOf(): string {
    const kinds = [...new Set(compared.map(({ wanted }) => wanted.kind))].toSorted()
    const rows = kinds.map((kind) => {
      const of = compared.filter(({ wanted }) => wanted.kind === kind)
      return `${kind.padEnd(18)} ${String(of.length).padStart(5)} ${share(of.filter(isKind).length, of.length)} ${share(of.filter(isRole).length, of.length)}`
    })
    const full = compared.filter(({ wanted }) => wanted.automatable === 'full')
    return [
      `kind               items    kind    role`,
      ...rows,
      `all                ${String(compared.length).padStart(5)} ${share(compared.filter(isKind).length, compared.length)} ${share(compared.filter(isRole).length, compared.length)}`,
      `a machine could    ${String(full.length).padStart(5)} ${share(full.filter(isKind).length, full.length)} ${share(full.filter(isRole).length, full.length)}`,
    ].join('\n')
  }
})

function percent(some: number, all: number): string {
  return `${((100 * some) / Math.max(1, all)).toFixed(1)} %`
}

function share(some: number, all: number): string {
  return percent(some, all).padStart(7)
}
