/** The answer of every small parser here: the value, or what was expected with one correct example. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly example: string }

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function unparsed(expected: string, example: string): { ok: false; expected: string; example: string } {
  return { ok: false, expected, example }
}
