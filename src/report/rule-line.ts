/** Where in a checklist the rule of a verdict stands. */

/**
 * The first line from `from` on that holds the rule as it was written, below the name of its metric where that is there.
 * null = it is not written there, as in a judge of a shared file.
 */
export function lineOfRule(document: string, from: number, metric: string | null, rule: string): number | null {
  const lines = document.split(/\r\n|\r|\n/)
  const parts = rule.split(', ')
  const named = metric === null ? -1 : lines.findIndex((line, i) => i >= from - 1 && namesMetric(line, metric))
  const start = Math.max(named, from - 1, 0)
  for (let i = start; i < lines.length; i += 1)
    if (parts.some((part) => lines[i]?.includes(part) === true)) return i + 1
  return null
}

function namesMetric(line: string, metric: string): boolean {
  const text = line.trimStart()
  return text.startsWith(`${metric}:`) || text.startsWith(`"${metric}":`) || text.startsWith(`'${metric}':`)
}
