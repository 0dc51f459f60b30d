/** Long lists without holding them whole. */

/** One after the other what `next` hands out after the last one, until it has no more. */
export async function* inPages<T>(next: (last: T | null) => Promise<readonly T[]>): AsyncGenerator<T> {
  let last: T | null = null
  for (;;) {
    const found: readonly T[] = await next(last)
    if (found.length === 0) return
    yield* found
    last = found.at(-1) ?? null
  }
}

export async function* inPortions<T>(
  items: Iterable<T> | AsyncIterable<T>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let portion: T[] = []
  for await (const item of items) {
    portion.push(item)
    if (portion.length < size) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}
