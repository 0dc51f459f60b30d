/** A repository as GitHub's REST API shows it: what stands in it, and what each address answers or refuses. */

export interface GithubAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in pages; under a name in a map, or by itself. */
  readonly list?: { readonly rows: readonly unknown[]; readonly name: string | null }
}

export interface GithubRequest {
  readonly method: string
  /** Behind `/repos/acme/shop`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly base: string
  readonly type: string | undefined
  /** It came where files are put. */
  readonly isUpload: boolean
}

export interface WorkflowRun {
  readonly id: number
  readonly workflow_id: number
  readonly name: string
  readonly path: string
  readonly head_sha: string
  readonly head_branch: string
  readonly event: string
  /** What its `run-name` says. */
  readonly display_title: string
  readonly created_at: string
  readonly html_url: string
  status: string
  conclusion: string | null
}

export interface Workflow {
  readonly id: number
  readonly file: string
  readonly inputs: readonly string[]
  /** The input that its `run-name` shows. */
  readonly shows: string | null
  /** It can be started by hand; so it is where nothing is said. */
  readonly isManual?: boolean
  /** How its runs end; `success` where nothing is said. */
  ends?: string
  /** How many more times its list of runs comes without the newest. */
  hidden?: number
}

export interface GithubRelease {
  readonly id: number
  tag_name: string
  name: string
  body: string
  draft: boolean
  prerelease: boolean
  published_at: string | null
  readonly html_url: string
  readonly upload_url: string
  readonly assets: {
    readonly id: number
    readonly name: string
    readonly size: number
    readonly state: string
    readonly digest: string | null
  }[]
  /** Its files can no longer change once it is published. */
  readonly immutable?: boolean
}

/** A board (Projects) of an organization or a person. */
export interface GithubBoard {
  readonly id: string
  readonly owner: string
  readonly number: number
  readonly title: string
  closed: boolean
  /** Without options it is a text. */
  readonly fields: readonly {
    readonly id: string
    readonly name: string
    readonly options?: readonly { readonly id: string; readonly name: string }[]
  }[]
  readonly items: {
    readonly id: string
    /** Of an issue or pull request; absent = a draft, which has a title. */
    readonly number?: number
    readonly title?: string
    /** Another repository, `owner/name`. */
    readonly where?: string
    isArchived?: boolean
    readonly values: Record<string, string>
  }[]
}

export interface GithubRepository {
  /** Of the default branch, oldest first. */
  readonly commits: string[]
  /** Tags and branches. */
  readonly refs: Map<string, string>
  /** What whoever the token stands for may do. */
  readonly permissions: { pull: boolean; push: boolean }
  readonly checkRuns: { sha: string; name: string; status: string; conclusion: string | null }[]
  readonly statuses: { sha: string; context: string; state: string }[]
  readonly workflows: Workflow[]
  readonly runs: WorkflowRun[]
  readonly pulls: {
    number: number
    shas: readonly string[]
    merged_at: string | null
    user: { login: string }
    base: { ref: string }
    /** Issues it is linked to: of this repository, or `owner/name#7`. */
    closes?: readonly (number | string)[]
  }[]
  readonly reviews: { id: number; pull: number; state: string; user: { login: string } | null }[]
  readonly milestones: {
    number: number
    title: string
    state?: string
    due_on?: string | null
    description?: string | null
  }[]
  readonly labels: string[]
  readonly issues: {
    number: number
    title: string
    body?: string | null
    state: string
    labels: string[]
    milestone: number | null
    comments?: string[]
    /** There where it is one: GitHub lists them among issues. */
    pull_request?: object
  }[]
  /** Who may be asked to do something. */
  readonly people: string[]
  readonly releases: GithubRelease[]
  readonly deployments: { id: number; sha: string; environment: string; states: { id: number; state: string }[] }[]
  readonly boards: GithubBoard[]
  /** Of the token; what it may do beyond the repository. */
  scopes: readonly string[]
  /** Where it does not, it is a server of some years ago. */
  tellsDigests: boolean
  /** How many more uploads break off, and leave a name without content. */
  breaksUploads: number
}

export function emptyRepository(): GithubRepository {
  return {
    commits: [],
    refs: new Map(),
    permissions: { pull: true, push: true },
    checkRuns: [],
    statuses: [],
    workflows: [],
    runs: [],
    pulls: [],
    reviews: [],
    milestones: [],
    labels: [],
    issues: [],
    people: [],
    releases: [],
    deployments: [],
    boards: [],
    scopes: ['repo', 'project'],
    tellsDigests: true,
    breaksUploads: 0,
  }
}

export type Route = readonly [
  method: string,
  path: RegExp,
  answer: (repository: GithubRepository, found: readonly string[], request: GithubRequest) => GithubAnswer,
]

export const notFound: GithubAnswer = { status: 404, body: { message: 'Not Found' } }

export function list(rows: readonly unknown[], name: string | null = null, body: object = {}): GithubAnswer {
  return { status: 200, list: { rows, name }, body }
}

const reads: readonly Route[] = [
  [
    'GET',
    /^$/,
    ({ permissions }) => ({ status: 200, body: { full_name: 'acme/shop', default_branch: 'main', permissions } }),
  ],
  [
    'GET',
    /^\/commits\/([^/]+)$/,
    (repository, [name = '']) => {
      const sha = shaOf(repository, name)
      if (sha !== null) return { status: 200, body: { sha } }
      return { status: 422, body: { message: `No commit found for SHA: ${name}` } }
    },
  ],
  [
    'GET',
    /^\/commits\/(\w+)\/check-runs$/,
    ({ checkRuns }, [sha]) => list(of(checkRuns, sha), 'check_runs', { total_count: of(checkRuns, sha).length }),
  ],
  [
    'GET',
    /^\/commits\/(\w+)\/status$/,
    ({ statuses }, [sha]) => list(of(statuses, sha), 'statuses', { state: 'success', sha }),
  ],
  [
    'GET',
    /^\/commits\/(\w+)\/pulls$/,
    ({ pulls }, [sha = '']) =>
      list(pulls.filter(({ shas }) => shas.includes(sha)).map(({ shas: _shas, closes: _closes, ...pull }) => pull)),
  ],
  [
    'GET',
    /^\/pulls\/(\d+)\/reviews$/,
    ({ reviews }, [number]) => list(reviews.filter(({ pull }) => pull === Number(number))),
  ],
  ['GET', /^\/compare\/(.+)\.\.\.(\w+)$/, (repository, [base = '', head = '']) => compared(repository, base, head)],
  [
    'GET',
    /^\/milestones$/,
    ({ milestones }, _found, { query }) => {
      const state = query.get('state') ?? 'open'
      return list(milestones.map(shownMilestone).filter((each) => state === 'all' || each.state === state))
    },
  ],
  [
    'GET',
    /^\/labels\/(.+)$/,
    ({ labels }, [name = '']) => (labels.includes(name) ? { status: 200, body: { name } } : notFound),
  ],
  [
    'GET',
    /^\/issues$/,
    ({ issues }, _found, { query }) => {
      const [state, label, milestone] = ['state', 'labels', 'milestone'].map((name) => query.get(name))
      return list(
        issues
          .toReversed()
          .map(shownIssue)
          .filter(
            (issue) =>
              (state === 'all' || issue.state === (state ?? 'open')) &&
              (label === null || issue.labels.includes(label ?? '')) &&
              (milestone === null || issue.milestone === Number(milestone)),
          ),
      )
    },
  ],
  [
    'GET',
    /^\/releases\/tags\/(.+)$/,
    ({ releases }, [tag]) => {
      const found = releases.find((each) => each.tag_name === tag && !each.draft)
      return found ? { status: 200, body: found } : notFound
    },
  ],
  [
    'GET',
    /^\/deployments$/,
    ({ deployments }, _found, { query }) =>
      list(
        deployments
          .filter((each) => each.sha === query.get('sha') && each.environment === query.get('environment'))
          .toReversed(),
      ),
  ],
  [
    'GET',
    /^\/deployments\/(\d+)\/statuses$/,
    ({ deployments }, [id]) => list(deployments.find((each) => each.id === Number(id))?.states.toReversed() ?? []),
  ],
  [
    'GET',
    /^\/actions\/runs$/,
    ({ runs }, _found, { query }) =>
      list(runs.filter((run) => run.head_sha === query.get('head_sha')).toReversed(), 'workflow_runs'),
  ],
]

export function routed(
  repository: GithubRepository,
  request: GithubRequest,
  more: readonly Route[] = [],
): GithubAnswer {
  const path = decodeURIComponent(request.path)
  for (const [method, pattern, answer] of [...reads, ...more]) {
    const found = method === request.method ? pattern.exec(path) : null
    if (found) return answer(repository, found.slice(1), request)
  }
  return notFound
}

function of<T extends { readonly sha: string }>(rows: readonly T[], sha: string | undefined): readonly T[] {
  return rows.filter((row) => row.sha === sha)
}

/** With a page of its own, as the API shows it. */
export function shownIssue(issue: Issue): Issue & { readonly html_url: string } {
  return { body: null, ...issue, html_url: `https://github.example/acme/shop/issues/${issue.number}` }
}

type Issue = GithubRepository['issues'][number]
type Milestone = GithubRepository['milestones'][number]

/** What nobody said is as GitHub has it then. */
export function shownMilestone(milestone: Milestone): Required<Milestone> {
  return { state: 'open', due_on: null, description: null, ...milestone }
}

export function shaOf({ refs, commits }: GithubRepository, name: string): string | null {
  return refs.get(name) ?? commits.find((sha) => sha === name) ?? null
}

function compared(repository: GithubRepository, base: string, head: string): GithubAnswer {
  const at = (name: string): number => repository.commits.indexOf(shaOf(repository, name) ?? '?')
  const [from, to] = [at(base), at(head)]
  if (from < 0 || to < 0) return notFound
  const status = from === to ? 'identical' : from < to ? 'ahead' : 'behind'
  const between = repository.commits.slice(from + 1, to + 1).map((sha) => ({ sha }))
  const counts = { status, ahead_by: between.length, behind_by: Math.max(0, from - to), total_commits: between.length }
  return list(between, 'commits', counts)
}
