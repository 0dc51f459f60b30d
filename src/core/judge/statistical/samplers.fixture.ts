/** Random numbers with a fixed seed, for simulations that say the same on every machine. */

export interface Sampler {
  /** In (0, 1). */
  uniform(): number
  normal(): number
  poisson(mean: number): number
  binomial(n: number, p: number): number
  /** Events that come `size` at a time: mean `mean`, variance `size` times that. */
  clustered(mean: number, size: number): number
}

/** Source of the generator: mulberry32 of Tommy Ettinger, public domain; 32 bits of state are plenty here. */
export function sampler(seed: number): Sampler {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const poisson = (mean: number): number => {
    // The sum of Poisson counts is one: a great mean is counted in parts whose exponential is no rounding error.
    let count = 0
    for (let left = mean; left > 0; left -= 200) count += smallPoisson(Math.min(left, 200), uniform)
    return count
  }
  const binomial = (n: number, p: number): number => {
    // Jumps from one success to the next: as many steps as there are successes.
    if (!(p > 0)) return 0
    const log = Math.log1p(-p)
    let count = 0
    for (let at = Math.floor(Math.log(uniform()) / log); at < n; at += 1 + Math.floor(Math.log(uniform()) / log))
      count += 1
    return count
  }
  const clustered = (mean: number, size: number): number => size * poisson(mean / size)
  return { uniform, normal, poisson, binomial, clustered }
}

function smallPoisson(mean: number, uniform: () => number): number {
  const least = Math.exp(-mean)
  let count = 0
  for (let product = uniform(); product > least; product *= uniform()) count += 1
  return count
}
