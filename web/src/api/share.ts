/** Keeps what did not change: a new view takes over every part of the old one that is the same, so that only news is drawn. */

/** `next`, made of parts of `before` wherever those say the same. Plain JSON only. */
export function shared<T>(before: unknown, next: T): T {
  if (Object.is(before, next)) return next
  if (typeof before !== 'object' || typeof next !== 'object' || before === null || next === null) return next
  if (Array.isArray(next)) return sharedList(Array.isArray(before) ? before : [], next) as T
  return sharedRecord(before as Fields, next as Fields) as T
}

type Fields = Readonly<Record<string, unknown>>

function sharedList(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const made = next.map((value, at) => shared(before[at], value))
  return made.length === before.length && made.every((value, at) => value === before[at]) ? before : made
}

function sharedRecord(before: Fields, next: Fields): Fields {
  const names = Object.keys(next)
  const made = Object.fromEntries(names.map((name) => [name, shared(before[name], next[name])]))
  const isSame = names.length === Object.keys(before).length && names.every((name) => made[name] === before[name])
  return isSame ? before : made
}
