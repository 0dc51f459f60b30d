/** Keeps what was computed for a number: limits are few, and the same in every interval. */

const most = 256

/** `compute` must depend on its argument alone. Forgets everything once there are too many: memory stays bounded. */
export function remembered<T>(compute: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= most) known.clear()
    const value = compute(key)
    known.set(key, value)
    return value
  }
}
