/** Numbers about the process itself in Prometheus' text form 0.0.4: counters, gauges and histograms with few labels. */

export type Labels = Readonly<Record<string, string>>

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly lines: () => readonly string[]
}

export interface Counter {
  add(labels?: Labels, by?: number): void
}

export interface Histogram {
  /** Seconds. */
  observe(seconds: number, labels?: Labels): void
}

export interface Registry {
  counter(name: string, help: string): Counter
  histogram(name: string, help: string): Histogram
  /** Read when the numbers are asked for; one that cannot be read is left out. */
  gauge(name: string, help: string, read: () => number | Promise<number>, type?: 'gauge' | 'counter'): void
  /** A constant 1 whose labels say something, such as a version. */
  info(name: string, help: string, labels: Labels): void
  text(): Promise<string>
}

/** More combinations of labels than these are counted together: nobody from outside makes the process grow. */
const MOST_SERIES = 500
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export function createRegistry(): Registry {
  const families: Family[] = []
  const gauges: { name: string; help: string; type: 'gauge' | 'counter'; read: () => number | Promise<number> }[] = []
  return {
    counter(name, help) {
      const values = new Map<string, number>()
      families.push({
        name,
        type: 'counter',
        help,
        lines: () => [...values].map(([key, value]) => `${name}${braced(key)} ${value}`),
      })
      return {
        add: (labels = {}, by = 1) => {
          const key = seriesKey(values, labels)
          values.set(key, (values.get(key) ?? 0) + by)
        },
      }
    },
    histogram(name, help) {
      const series = new Map<string, Buckets>()
      families.push({
        name,
        type: 'histogram',
        help,
        lines: () => [...series].flatMap(([key, buckets]) => bucketLines(name, key, buckets)),
      })
      return {
        observe: (seconds, labels = {}) => {
          const key = seriesKey(series, labels)
          const buckets = series.get(key) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 }
          series.set(key, buckets)
          const at = BOUNDS.findIndex((bound) => seconds <= bound)
          if (at >= 0) buckets.counts[at] = (buckets.counts[at] ?? 0) + 1
          buckets.sum += seconds
          buckets.count += 1
        },
      }
    },
    gauge(name, help, read, type = 'gauge') {
      gauges.push({ name, help, type, read })
    },
    info(name, help, labels) {
      families.push({ name, type: 'gauge', help, lines: () => [`${name}${braced(seriesKey(new Map(), labels))} 1`] })
    },
    async text() {
      const read = await Promise.all(gauges.map(gaugeLines))
      const counted = families.flatMap(({ name, type, help, lines }) => [...head(name, type, help), ...lines()])
      return `${[...read.flat(), ...counted].join('\n')}\n`
    },
  }
}

interface Buckets {
  readonly counts: number[]
  sum: number
  count: number
}

function bucketLines(name: string, key: string, { counts, sum, count }: Buckets): readonly string[] {
  let below = 0
  const lines = BOUNDS.map((bound, at) => {
    below += counts[at] ?? 0
    return `${name}_bucket${braced(joined(key, `le="${bound}"`))} ${below}`
  })
  const all = `${name}_bucket${braced(joined(key, 'le="+Inf"'))} ${count}`
  return [...lines, all, `${name}_sum${braced(key)} ${sum}`, `${name}_count${braced(key)} ${count}`]
}

async function gaugeLines(gauge: {
  name: string
  help: string
  type: 'gauge' | 'counter'
  read: () => number | Promise<number>
}): Promise<readonly string[]> {
  try {
    const value = await gauge.read()
    return Number.isFinite(value) ? [...head(gauge.name, gauge.type, gauge.help), `${gauge.name} ${value}`] : []
  } catch {
    return []
  }
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}

function seriesKey(series: ReadonlyMap<string, unknown>, labels: Labels): string {
  const key = Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
  if (series.has(key) || series.size < MOST_SERIES) return key
  return Object.keys(labels)
    .map((name) => `${name}="other"`)
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)
}

function braced(key: string): string {
  return key === '' ? '' : `{${key}}`
}

function joined(one: string, other: string): string {
  return one === '' ? other : `${one},${other}`
}
