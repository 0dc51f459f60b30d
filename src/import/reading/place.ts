/** What the place of an item says about it: the phase it stands in, its stage, severity, environment and condition. */
import type { Around, ImportItem, Outline } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { sieved } from '../sieve/sieve.ts'
import { demandsIn, severityIn, type Place } from './statement.ts'

const headed = new WeakMap<Outline, boolean>()

/** Whether any item has a true box: then plain bullets are no steps. */
export function hasTask(outline: Outline): boolean {
  const known = headed.get(outline)
  if (known !== undefined) return known
  const has = outline.items.some(({ form }) => form === 'task')
  headed.set(outline, has)
  return has
}

export function isListItem({ form }: ImportItem): boolean {
  return form === 'task' || form === 'bullet' || form === 'ordered'
}

/** Somebody or something has to do it. */
export function isStep(item: ImportItem, { outline }: Around): boolean {
  if (item.isQuoted) return false
  if (item.form === 'task' || item.checked !== null || item.form === 'ordered') return true
  return item.form === 'bullet' && !hasTask(outline)
}

/** Holds other items, not only code. */
export function holdsItems(item: ImportItem): boolean {
  return isListItem(item) && item.children.length > item.fences.length
}

const leads = new WeakMap<readonly ImportItem[], ReadonlyMap<ImportItem, ImportItem | null>>()

/** The line above that introduces this one: `**Immediate rollback (P1)**:`, `Run through by hand:`. */
export function leadOf(item: ImportItem, { sectionItems, parent }: Around): ImportItem | null {
  if (parent !== null) return null
  let known = leads.get(sectionItems)
  if (!known) {
    const made = new Map<ImportItem, ImportItem | null>()
    let last: ImportItem | null = null
    for (const each of sectionItems) {
      made.set(each, last)
      if (each.form === 'prose' && each.parent === null) last = each
    }
    leads.set(sectionItems, made)
    known = made
  }
  return known.get(item) ?? null
}

export function sectionText({ section }: ImportItem): string {
  return headingsOf(section).text
}

/** What the headings above say, read once for all items below them. */
interface Headings {
  readonly text: string
  readonly isRollback: boolean
  readonly isPreparation: boolean
  /** The last heading opens a list of what makes a release turn back. */
  readonly isTrigger: boolean
  readonly window: string | null
  readonly environment: string | null
  readonly stage: ReturnType<typeof stageIn>
}

const read = new WeakMap<readonly string[], Headings>()

function headingsOf(section: readonly string[]): Headings {
  const known = read.get(section)
  if (known) return known
  const text = section.slice(-4).join(' > ').slice(0, 400)
  const made: Headings = {
    text,
    isRollback:
      section.some((title) => backward.test(title) && !spoken.test(title)) &&
      !section.some((title) => ahead.test(title)),
    isPreparation: section.some((title) => preparing.test(title)),
    isTrigger: opensTriggers(section.at(-1) ?? '', text),
    window: section.findLast((title) => timedTitle.test(title)) ?? null,
    environment: environments.exec(text)?.[1] ?? null,
    stage: section.map(stageIn).findLast((each) => each !== null && each.stage !== null) ?? null,
  }
  read.set(section, made)
  return made
}

function opensTriggers(above: string, sections: string): boolean {
  return triggerTitle.test(above) && rollbackWords.test(`${above} ${sections}`)
}

const backward = sieved(/\b(?:roll(?:ing)?[- ]?back|revert|back[- ]?out|emergency)\b/i)
const ahead = sieved(/\b(?:preparation|prepare|readiness)\b/i)
const preparing = sieved(/\b(?:pre-?|preparation|prepare|readiness|verification)\b/i)
const spoken = sieved(
  /\b(?:plan|preparation|prepare|readiness|contacts?|criteria|template|announcement|communication|tested?|before)\b/i,
)

export function isRollbackPlace({ section }: ImportItem): boolean {
  return headingsOf(section).isRollback
}

/** A rollback section of a check before the release: things to prepare, none to do. */
export function isPreparation({ section }: ImportItem): boolean {
  return headingsOf(section).isPreparation
}

const triggerTitle = sieved(/\b(?:when to|triggers?|criteria|immediate|consider(?:ed)?)\b/i)
const rollbackWords = sieved(/\brollback|roll back/i)
const proceeding = sieved(/\bproceed\b/i)
const turning = sieved(/^\W*(?:rollback|roll back|abort|stop)\b\W*:/i)
const timedTitle = sieved(/\d+\s*(?:-\s*\d+\s*)?(?:min|hour|day|h\b)/i)

export function placeOf(item: ImportItem, around: Around): Place {
  const heading = item.section.at(-1) ?? ''
  const lead = isListItem(item) ? leadOf(item, around) : null
  const headings = headingsOf(item.section)
  const above = lead ? `${heading} ${lead.text}` : heading
  const isTrigger = lead ? opensTriggers(above, headings.text) : headings.isTrigger
  const words = item.text.slice(0, 200)
  const consequence = proceeding.test(words)
    ? 'proceed'
    : turning.test(words)
      ? 'rollback'
      : isTrigger
        ? /\bconsider/i.test(above)
          ? 'ask'
          : 'rollback'
        : null
  return { severity: severityIn(words) ?? (isTrigger ? severityIn(above) : null), consequence, window: headings.window }
}

const conditions = [
  /\(((?:only\s+)?(?:if|when|for|unless|optional)\b[^)]{0,80})\)/i,
  /\b((?:if|when|where)\s+(?:applicable|needed|necessary|required|any|possible|appropriate|relevant)\b)/i,
  /\b((?:only\s+)?(?:for|on)\s+(?:major|minor|patch|stable|pre-?)[\w/ -]{0,30}releases?(?:\s+only)?)\b/i,
  /\b((?:if|unless)\s+[\w][\w /'-]{2,60})(?=$|[.,:;])/i,
  /^\W*(optional)\b/i,
].map(sieved)

/** `(if applicable)`, `for major releases only`, `optional`, `when needed`: what decides whether it is done at all. */
export function conditionIn(text: string): string | null {
  const words = text.slice(0, 600)
  for (const pattern of conditions) {
    const match = pattern.exec(words)
    if (match) return match[1]?.trim() ?? null
  }
  return null
}

/** The condition as an expression, where its words have one; null = a person says it. */
export function whenOf(condition: string): string | null {
  const level = /\b(major|minor|patch)\b/i.exec(condition)?.[1]?.toLowerCase()
  if (level === 'major') return 'version.matches("^v?[0-9]+[.]0[.]0$")'
  if (level === 'minor') return 'version.matches("^v?[0-9]+[.][0-9]+[.]0$")'
  return null
}

const numbered = sieved(/\b(?:stage|phase|step|wave|ring)\s+(\d{1,2})\s*[:.)-]?\s*(\d{1,3}(?:\.\d+)?)\s?%/i)
const weighed = sieved(
  /(?<![<>≤≥.\d]\s?)(\d{1,3}(?:\.\d+)?)\s?%\s*(?:of\s+)?(?:\w+\s+){0,2}(?:traffic|users|canary|rollout|pods|instances)\b|\b(?:canary|traffic|rollout|deploy\w*)\b[^%<>≤≥]{0,40}?(\d{1,3}(?:\.\d+)?)\s?%/i,
)

export function stageIn(text: string): { readonly stage: number | null; readonly weight: number } | null {
  const words = text.slice(0, 300)
  if (!words.includes('%')) return null
  const match = numbered.exec(words)
  if (match) return { stage: Number(match[1]), weight: Number(match[2]) }
  const plain = weighed.exec(words)
  return plain ? { stage: null, weight: Number(plain[1] ?? plain[2]) } : null
}

const environments = sieved(/\b(production|prod|staging|pre-production|preprod)\b/i)

const params = new WeakMap<Around, { readonly item: ImportItem; readonly params: Readonly<Record<string, Json>> }>()

/** Everything typed that an item's words and place say, as `params`: read once, however many recognisers ask. */
export function paramsOf(item: ImportItem, around: Around): Readonly<Record<string, Json>> {
  const known = params.get(around)
  if (known?.item === item) return known.params
  const made = readParams(item, around)
  params.set(around, { item, params: made })
  return made
}

function readParams(item: ImportItem, around: Around): Record<string, Json> {
  const words = item.text
  const place = placeOf(item, around)
  const demands = item.form === 'fence' ? [] : demandsIn(words, place)
  const first = demands.find(({ value }) => typeof value === 'number') ?? demands[0]
  const params: Record<string, Json> = {}
  if (first) {
    params.metric = first.subject
    params.operator = first.operator
    params.value = first.value
    if (first.unit !== null) params.unit = first.unit
    if (first.statistic !== null) params.statistic = first.statistic
  }
  const status = demands.find(({ unit }) => unit === 'status')
  if (status) params.status = status.value
  if (place.severity !== null) params.severity = place.severity
  if (place.consequence !== null) params.consequence = place.consequence
  if (place.window !== null) params.window = place.window
  const { stage, environment: named } = headingsOf(item.section)
  if (stage) Object.assign(params, { stage: stage.stage, weight: stage.weight })
  const condition = item.form === 'fence' ? null : conditionIn(words)
  if (condition !== null) {
    params.condition = condition
    const when = whenOf(condition)
    if (when !== null) params.when = when
  }
  const environment = environments.exec(words.slice(0, 400))?.[1] ?? named
  if (environment) params.environment = environment.toLowerCase() === 'prod' ? 'production' : environment.toLowerCase()
  if (demands.length > 0) params.demands = demands.map((each) => ({ ...each }))
  return params
}
