/** Suggestions for misspelt words. */

/** "check, or one of: run, undo, …": the closest known word first, if one is close. */
export function nearest(word: string, known: readonly string[]): string {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  if (!best) return 'nothing: none is declared'
  const close = best.distance <= Math.max(1, Math.floor(Math.max(word.length, best.candidate.length) / 3))
  const others = close ? known.filter((candidate) => candidate !== best.candidate) : known
  const listed = others.length > 12 ? `${others.slice(0, 12).join(', ')}, …` : others.join(', ')
  if (!close) return known.length === 1 ? listed : `one of: ${listed}`
  return others.length === 0 ? best.candidate : `${best.candidate}, or one of: ${listed}`
}

/** Is there a known word so close that this one is surely a slip? */
export function isNear(word: string, known: readonly string[]): boolean {
  return known.some(
    (candidate) => candidate !== word && editDistance(word.toLowerCase(), candidate) <= (word.length > 4 ? 2 : 1),
  )
}

/** Insertions, deletions, replacements and swaps of neighbours; long words are cut, they are no slips. */
export function editDistance(left: string, right: string): number {
  const [a, b] = [left.slice(0, 40), right.slice(0, 40)]
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let best = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, (before[column - 2] ?? 0) + 1)
      current.push(best)
    }
    before = above
    above = current
  }
  return above[b.length] ?? 0
}
