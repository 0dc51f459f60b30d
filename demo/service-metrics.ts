/** The metrics page of the demo's shop, in the Prometheus text format. */

const edges = [0.1, 0.25, 0.5, 1, 2.5, 5]

export class ServiceMetrics {
  readonly #version: string
  readonly #startedAt = Date.now() / 1000
  /** Codes that matter are there from the start: a counter that first appears with its first error is easily missed. */
  readonly #requests = new Map<number, number>([
    [200, 0],
    [500, 0],
  ])
  readonly #buckets = edges.map(() => 0)
  #count = 0
  #sum = 0
  #inFlight = 0

  constructor(version: string) {
    this.#version = version
  }

  /** A request has come; the function returned is called when it has been answered. */
  begin(): (code: number) => void {
    const from = performance.now()
    this.#inFlight += 1
    return (code) => {
      const seconds = (performance.now() - from) / 1000
      this.#inFlight -= 1
      this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1)
      this.#count += 1
      this.#sum += seconds
      for (const [i, edge] of edges.entries()) if (seconds <= edge) this.#buckets[i] = (this.#buckets[i] ?? 0) + 1
    }
  }

  page(): string {
    const version = `version="${this.#version}"`
    const buckets = edges.map((edge, i) => [String(edge), this.#buckets[i] ?? 0] as const)
    return [
      '# HELP http_requests_total Requests answered, by code.',
      '# TYPE http_requests_total counter',
      ...[...this.#requests].map(([code, count]) => `http_requests_total{${version},code="${code}"} ${count}`),
      '# HELP http_request_duration_seconds Time from request to answer.',
      '# TYPE http_request_duration_seconds histogram',
      ...[...buckets, ['+Inf', this.#count] as const].map(
        ([le, count]) => `http_request_duration_seconds_bucket{${version},le="${le}"} ${count}`,
      ),
      `http_request_duration_seconds_sum{${version}} ${this.#sum}`,
      `http_request_duration_seconds_count{${version}} ${this.#count}`,
      '# HELP http_requests_in_flight Requests being answered.',
      '# TYPE http_requests_in_flight gauge',
      `http_requests_in_flight{${version}} ${this.#inFlight}`,
      '# HELP process_start_time_seconds When this process began to count.',
      '# TYPE process_start_time_seconds gauge',
      `process_start_time_seconds ${this.#startedAt}`,
      '# HELP process_cpu_seconds_total Processor time used.',
      '# TYPE process_cpu_seconds_total counter',
      `process_cpu_seconds_total ${process.cpuUsage().user / 1e6}`,
      '',
    ].join('\n')
  }
}
