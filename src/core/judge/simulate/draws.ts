/** Draws from the distributions that requests, errors and latencies follow. */
import type { Random } from './random.ts'

/** Standard normal, by the polar method (Marsaglia and Bray, 1964). */
export function drawNormal(random: Random): number {
  for (;;) {
    const u = 2 * random() - 1
    const v = 2 * random() - 1
    const square = u * u + v * v
    if (square > 0 && square < 1) return u * Math.sqrt((-2 * Math.log(square)) / square)
  }
}

/** Events in a span in which `mean` are expected: products of uniforms, and PTRS from 10 on (Hörmann, 1993). */
export function drawPoisson(random: Random, mean: number): number {
  if (!(mean > 0)) return 0
  if (mean < 10) return poissonByProduct(random, mean)
  const b = 0.931 + 2.53 * Math.sqrt(mean)
  const a = -0.059 + 0.02483 * b
  const logInverseAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4))
  const sure = 0.9277 - 3.6224 / (b - 2)
  const logMean = Math.log(mean)
  for (;;) {
    const u = random() - 0.5
    const v = random()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
    if (us >= 0.07 && v <= sure) return k
    if (k < 0 || (us < 0.013 && v > us)) continue
    if (Math.log(v) + logInverseAlpha - Math.log(a / (us * us) + b) <= k * logMean - mean - logFactorial(k)) return k
  }
}

function poissonByProduct(random: Random, mean: number): number {
  const least = Math.exp(-mean)
  let product = random()
  let k = 0
  while (product > least) {
    product *= random()
    k += 1
  }
  return k
}

/** Successes among `n` with the chance `p` each: jumps from one to the next, and BTRS from 10 expected on (Hörmann, 1993). */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (!(n > 0) || !(p > 0)) return 0
  if (p >= 1) return n
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p)
  return n * p < 10 ? binomialByJumps(random, n, p) : binomialByRejection(random, n, p)
}

function binomialByJumps(random: Random, n: number, p: number): number {
  const logMiss = Math.log1p(-p)
  let at = 0
  let k = 0
  for (;;) {
    at += Math.floor(Math.log(1 - random()) / logMiss) + 1
    if (at > n) return k
    k += 1
  }
}

function binomialByRejection(random: Random, n: number, p: number): number {
  const q = 1 - p
  const spread = Math.sqrt(n * p * q)
  const b = 1.15 + 2.53 * spread
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const sure = 0.92 - 4.2 / b
  const alpha = (2.83 + 5.1 / b) * spread
  const mode = Math.floor((n + 1) * p)
  const logOdds = Math.log(p / q)
  const top = logFactorial(mode) + logFactorial(n - mode)
  for (;;) {
    const u = random() - 0.5
    const v = random()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5)
    if (us >= 0.07 && v <= sure) return k
    if (k < 0 || k > n) continue
    const bound = top - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k
  }
}

/** How many events come together when they come in clusters of `mean` (>= 1) on average, geometric. */
export function drawCluster(random: Random, mean: number): number {
  if (!(mean > 1)) return 1
  return 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-1 / mean))
}

/** The events of `count` clusters; of very many the sum is as good as normal. */
export function drawClusters(random: Random, count: number, mean: number): number {
  if (count > manyClusters)
    return Math.max(count, Math.round(count * mean + Math.sqrt(count * mean * (mean - 1)) * drawNormal(random)))
  let events = 0
  for (let i = 0; i < count; i += 1) events += drawCluster(random, mean)
  return events
}

const manyClusters = 1000

const small = factorials(64)

/** ln k!, from a table, then by Stirling's series (error < 1e-12). */
export function logFactorial(k: number): number {
  const known = small[k]
  if (known !== undefined) return known
  const x = k + 1
  const inverse = 1 / x
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260
  )
}

function factorials(size: number): readonly number[] {
  const logs = [0]
  for (let k = 1; k < size; k += 1) logs.push((logs[k - 1] as number) + Math.log(k))
  return logs
}
