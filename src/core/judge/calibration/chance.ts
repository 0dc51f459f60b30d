/** What so many events in so many trials say about a chance: exact bounds after Clopper and Pearson (1934). */

export interface Bounds {
  readonly low: number
  readonly high: number
}

/** Each of the two is wrong in at most `risk` of all cases; without a trial nothing is known. */
export function chanceBounds(events: number, trials: number, risk = 0.05): Bounds {
  if (trials === 0) return { low: 0, high: 1 }
  return {
    low: events === 0 ? 0 : chanceWhere((chance) => 1 - atMost(events - 1, trials, chance) >= risk),
    high: events >= trials ? 1 : chanceWhere((chance) => atMost(events, trials, chance) <= risk),
  }
}

/** Trials without a single event that show a chance to be no greater than this. */
export function trialsToShow(chance: number, risk = 0.05): number {
  return Math.ceil(Math.log(risk) / Math.log(1 - chance))
}

/** The smallest chance for which it holds; it holds for all greater ones. */
function chanceWhere(holds: (chance: number) => boolean): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

/** P(X <= most) for X binomial. */
function atMost(most: number, trials: number, chance: number): number {
  if (chance <= 0) return 1
  if (chance >= 1) return most >= trials ? 1 : 0
  let term = trials * Math.log(1 - chance)
  let sum = Math.exp(term)
  for (let k = 1; k <= most; k += 1) {
    term += Math.log((trials - k + 1) / k) + Math.log(chance / (1 - chance))
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
