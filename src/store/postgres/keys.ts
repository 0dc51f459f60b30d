/** Names as PostgreSQL can keep them: its text holds neither NUL nor half a surrogate pair, and a name may hold both. */

/** Different names stay different; plain ones stay as they are. */
export function keyOf(name: string): string {
  return JSON.stringify(name).slice(1, -1)
}

export function nameOf(key: string): string {
  return JSON.parse(`"${key}"`) as string
}
