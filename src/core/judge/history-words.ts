/** One sentence for people about what was read of the time before a rollout, or why nothing could be. */
import type { SampleBatch } from './verdict.ts'

/** `history of errors, latency: 240 intervals; no history of sign-ups: …`. Undefined = no batch is of that time. */
export function historyWords(batches: readonly SampleBatch[]): string | undefined {
  const past = batches.filter((batch) => batch.history === true)
  if (past.length === 0) return undefined
  const counts = new Map<string, number>()
  const reasons = new Map<string, string>()
  for (const { metric, canary, stable } of past.flatMap(({ samples }) => samples)) {
    const without = [canary, stable].find((sample) => sample.kind === 'no-data')
    if (without?.kind === 'no-data') reasons.set(metric, without.why)
    else counts.set(metric, (counts.get(metric) ?? 0) + 1)
  }
  const unknown = [...reasons].filter(([metric]) => !counts.has(metric))
  const told = [
    ...grouped(
      [...counts].map(([metric, count]) => [metric, `${count} ${count === 1 ? 'interval' : 'intervals'}`]),
    ).map(([metrics, count]) => `history of ${metrics}: ${count}`),
    ...grouped(unknown).map(([metrics, why]) => `no history of ${metrics}: ${why}`),
  ]
  return told.length === 0 ? 'no history: nothing was answered' : told.join('; ')
}

/** Names with the same words beside them stand together. */
function grouped(named: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...Map.groupBy(named, ([, words]) => words)].map(([words, group]) => [
    group.map(([name]) => name).join(', '),
    words,
  ])
}
