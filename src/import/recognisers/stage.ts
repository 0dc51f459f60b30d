/** Stages of a rollout: their weight and how long they soak, in headings, steps and drawn-up plans. */
import type { Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { quantitiesIn } from '../reading/quantities.ts'
import { isListItem, isStep, stageIn } from '../reading/place.ts'

function soakOf(text: string): Json {
  const soak = quantitiesIn(text).find(({ unit }) => /^(?:s|min|h|d)$/.test(unit))
  if (!soak) return null
  return soak.upTo === null
    ? { value: soak.value, unit: soak.unit }
    : { from: soak.value, to: soak.upTo, unit: soak.unit }
}

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
    if (
      item.form === 'prose' &&
      /\b(?:gradual|progressive|staged|phased|incremental)\s+(?:rollout|release|delivery|deployment)\b/i.test(item.text)
    )
      return finding(item, around, {
        kind: 'canary-stage',
        role: 'rule',
        confidence: 0.7,
        why: 'It says that the rollout is gradual.',
      })
    if (!isStep(item, around) && !isListItem(item)) return null
    if (
      /\b(?:scale|promote|switch|shift|route|move|ramp)\b.*\b(?:full|100\s?%|all (?:users|traffic)|canary|traffic)\b/i.test(
        item.text,
      ) &&
      isStep(item, around)
    )
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
