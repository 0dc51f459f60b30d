/** The recent past as a handful of blocks, whatever the length of an interval: each its seconds, then its counts. */

/** Adds one interval, in place: to the newest block, or as a new one; what is older than `recentSeconds` falls off. */
export function remember<B extends [seconds: number, ...counts: number[]]>(
  blocks: B[],
  interval: B,
  recentSeconds: number,
): void {
  const last = blocks.at(-1)
  if (last !== undefined && last[0] + interval[0] <= recentSeconds / 10 + 1e-9)
    for (let i = 0; i < interval.length; i += 1) last[i] = (last[i] as number) + (interval[i] as number)
  else blocks.push(interval)
  let span = 0
  for (const block of blocks) span += block[0]
  while (span > recentSeconds && blocks.length > 1) span -= blocks.shift()?.[0] ?? 0
}
