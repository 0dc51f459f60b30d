/** Stages of a rollout: their weight and how long they soak, in headings, steps and drawn-up plans. */
import type { Around, ImportItem, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { quantitiesIn } from '../reading/quantities.ts'
import { isListItem, isStep, leadOf, stageIn } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

function soakOf(text: string): Json {
  const soak = quantitiesIn(text).find(({ unit }) => /^(?:s|min|h|d)$/.test(unit))
  if (!soak) return null
  return soak.upTo === null
    ? { value: soak.value, unit: soak.unit }
    : { from: soak.value, to: soak.upTo, unit: soak.unit }
}

/** `1 hour`, `30-45 min`, without a word before it: where only a soak can be meant. */
function plainSoakOf(text: string): Json {
  const found = /(\d{1,4})(?:\s*(?:-|–|to)\s*(\d{1,4}))?\s?(s|sec|m|min|h|hr|hour|d|day)[a-z]{0,6}\b/i.exec(
    text.slice(0, 200),
  )
  const unit = found?.[3]
    ?.toLowerCase()
    .replace(/^m.*/, 'min')
    .replace(/^([shd]).*/, '$1')
  if (!found || unit === undefined) return null
  return found[2] === undefined
    ? { value: Number(found[1]), unit }
    : { from: Number(found[1]), to: Number(found[2]), unit }
}

const rollouts = /\b(?:canary|rollout|roll-?out|stages|waves|rings|traffic|gradual|progressive)\b/i

/** `25% (1 hour)` in a list below "Canary", `| 2 | 25 % | 1 hour |` below a header that says traffic. */
function listedStage(item: ImportItem, around: Around): { readonly weight: number; readonly soak: Json } | null {
  const { table } = item
  if (table) {
    const at = table.header.findIndex((cell) => /\b(?:traffic|weight|percentage|users|canary|%)(?!\w)/i.test(cell))
    const weight = /^\s*(\d{1,3}(?:\.\d+)?)\s?%/.exec(table.cells[at] ?? '')?.[1]
    const others = table.cells.filter((_, index) => index !== at).map(plainSoakOf)
    return weight === undefined ? null : { weight: Number(weight), soak: others.find((each) => each !== null) ?? null }
  }
  if (!isListItem(item)) return null
  const text = item.text.slice(0, 200)
  if (!text.includes('%')) return null
  const weight =
    /^\W*(?:(?:stage|phase|step|wave|ring)\s+\d{1,2}\s*[:.)–—-]?\s*)?(\d{1,3}(?:\.\d+)?)\s?%(?!\s*(?:of\s+)?(?:the\s+)?(?:tests?|coverage|errors?|requests|cpu|memory|disk|budget))/i.exec(
      text,
    )?.[1]
  const above = `${item.section.at(-1) ?? ''} ${around.parent?.text ?? leadOf(item, around)?.text ?? ''}`
  if (weight === undefined || !rollouts.test(above.slice(0, 400))) return null
  return { weight: Number(weight), soak: soakOf(text) ?? plainSoakOf(text) }
}

const gradual = sieved(
  /\b(?:gradual|progressive|staged|phased|incremental)\s+(?:rollout|release|delivery|deployment)\b/i,
)
const shifting = sieved(
  /\b(?:scale|promote|switch|shift|route|move|ramp)\b.*\b(?:full|100\s?%|all (?:users|traffic)|canary|traffic)\b/i,
)

export const stage: Recogniser = {
  name: 'stage',
  recognise: (item, around) => {
    if (item.form === 'fence') {
      const stages = (item.fences[0]?.body ?? '')
        .split('\n')
        .slice(0, 500)
        .flatMap((line, at) => {
          const found = stageIn(line)
          return found && found.stage !== null
            ? [{ line: item.line + at + 1, stage: found.stage, weight: found.weight, soak: soakOf(line) }]
            : []
        })
      if (stages.length < 2) return null
      const params = { stages, unit: '%' }
      return finding(item, around, {
        kind: 'canary-stage',
        confidence: 0.95,
        params,
        why: `It draws up a rollout of ${stages.length} stages.`,
      })
    }
    const found = stageIn(item.text)
    if (item.form === 'heading') {
      if (
        !found ||
        !/\b(?:stage|phase|wave|ring|canary|rollout|traffic)\b/i.test(item.text) ||
        /\b(?:checklist|validation)\b/i.test(item.text)
      )
        return null
      const params = { stage: found.stage, weight: found.weight, unit: '%', soak: soakOf(item.text) }
      const why = 'It is a stage of a rollout; what follows belongs to it.'
      return finding(item, around, {
        kind: 'canary-stage',
        role: 'rule',
        alsoKinds: ['monitor-window'],
        confidence: 0.95,
        params,
        why,
      })
    }
    if (item.form === 'prose' && gradual.test(item.text))
      return finding(item, around, {
        kind: 'canary-stage',
        role: 'rule',
        confidence: 0.7,
        why: 'It says that the rollout is gradual.',
      })
    const listed = listedStage(item, around)
    if (listed)
      return finding(item, around, {
        kind: 'canary-stage',
        role: isStep(item, around) ? 'step' : 'rule',
        alsoKinds: ['traffic-shift'],
        confidence: 0.86,
        params: { ...listed, unit: '%' },
        why: 'It is a stage of a rollout.',
      })
    if (!isStep(item, around) && !isListItem(item)) return null
    if (shifting.test(item.text) && isStep(item, around))
      return finding(item, around, {
        kind: 'traffic-shift',
        alsoKinds: ['canary-stage'],
        confidence: 0.8,
        why: 'It moves traffic to the new version.',
        params: found ? { weight: found.weight } : {},
      })
    if (found && isStep(item, around) && /\b(?:canary|deploy|roll|traffic)\b/i.test(item.text))
      return finding(item, around, {
        kind: 'canary-stage',
        alsoKinds: ['traffic-shift'],
        confidence: 0.85,
        params: { weight: found.weight, unit: '%' },
        why: 'It is the first stage of a rollout.',
      })
    return null
  },
}
