/** A checklist as a git repository holds it: a reference resolved to one commit, and the bytes that lie there. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { type Calendars, readNamed } from './calendars.ts'
import { Refused, UsageFault } from './faults.ts'

export interface GitPlace {
  readonly url: string
  /** Branch, tag, `refs/…` or the full hash of a commit. */
  readonly ref: string
  /** Of the checklist inside the repository. */
  readonly path: string
}

export interface GitDocument {
  /** In full, such as `refs/tags/v1.4`; a commit stays as it is. */
  readonly ref: string
  readonly commit: string
  readonly bytes: Buffer
  /** `holdpoint.yaml` beside it; null = there is none. */
  readonly shared: string | null
  readonly calendars: Calendars
}

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/
const MOST_BYTES = 2 << 20
const WITHIN_MS = 120_000

/** Reads with the credentials that git has on this machine. Throws UsageFault for what makes no sense, Refused for what is not there. */
export async function readFromGit(place: GitPlace): Promise<GitDocument> {
  refuseOdd(place)
  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-git-'))
  try {
    await git(folder, ['init', '-q', '--bare'], 'git cannot make a folder')
    const ref = await fullRef(folder, place)
    const commit = await fetched(folder, place.url, ref)
    const bytes = await blob(folder, commit, place.path)
    if (bytes === null) throw new Refused(`there is no ${place.path} in ${short(commit)} of ${place.url}`, 'git', 2)
    const shared = await blob(folder, commit, posix.join(posix.dirname(place.path), 'holdpoint.yaml'))
    const settings = shared === null ? null : { file: 'holdpoint.yaml', text: shared.toString('utf8') }
    const calendars = await readNamed(bytes, settings, (file) =>
      blob(folder, commit, posix.join(posix.dirname(place.path), file)),
    )
    return { ref, commit, bytes, shared: settings?.text ?? null, calendars }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function short(commit: string): string {
  return commit.slice(0, 12)
}

/** What git would read as an option, as a program to run, or as a way out of the repository. */
function refuseOdd({ url, ref, path }: GitPlace): void {
  if (url.startsWith('-') || /^[\w+.-]+::/.test(url))
    throw new UsageFault(
      `--git is "${url}", expected the address of a repository, for example --git https://git.example.com/shop.git`,
    )
  if (URL.canParse(url) && new URL(url).password !== '')
    throw new UsageFault(
      `--git holds a password, which would be kept with the checklist; leave it to git's own credentials, for example --git https://git.example.com/shop.git`,
    )
  if (!/^[\w][\w./+@-]*$/.test(ref) || ref.includes('..'))
    throw new UsageFault(`--ref is "${ref}", expected a branch, a tag or a commit, for example --ref v1.4`)
  if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === ''))
    throw new UsageFault(`--path is "${path}", expected a path inside the repository, for example --path RELEASE.md`)
}

/** A name that is a branch and a tag at once means neither. */
async function fullRef(folder: string, { url, ref }: GitPlace): Promise<string> {
  if (COMMIT.test(ref) || ref.startsWith('refs/')) return ref
  const wanted = [`refs/tags/${ref}`, `refs/heads/${ref}`]
  const listed = await git(folder, ['ls-remote', '--', url, ...wanted], `${url} cannot be read`)
  const there = listed
    .toString()
    .split('\n')
    .map((line) => line.split('\t')[1] ?? '')
    .filter((name) => wanted.includes(name))
  const [one, other] = there
  if (one !== undefined && other === undefined) return one
  if (one === undefined) throw new Refused(`${url} has no branch and no tag "${ref}"`, 'git', 2)
  throw new UsageFault(`"${ref}" is a branch and a tag; say which, for example --ref refs/tags/${ref}`)
}

/** The commit, now in the folder. A server may not hand one out by its hash alone: then everything is fetched. */
async function fetched(folder: string, url: string, ref: string): Promise<string> {
  const shallow = ['fetch', '-q', '--depth', '1', '--no-tags', '--', url, ref]
  if (!COMMIT.test(ref)) {
    await git(folder, shallow, `${ref} of ${url} cannot be read`)
    return (await git(folder, ['rev-parse', '--verify', 'FETCH_HEAD^{commit}'], `${ref} is no commit`))
      .toString()
      .trim()
  }
  try {
    await git(folder, shallow, 'not by its hash')
  } catch {
    const all = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
    await git(folder, ['fetch', '-q', '--', url, ...all], `${url} cannot be read`)
  }
  await git(folder, ['cat-file', '-e', `${ref}^{commit}`], `${url} has no commit ${short(ref)}`)
  return ref
}

async function blob(folder: string, commit: string, path: string): Promise<Buffer | null> {
  const listed = (await git(folder, ['ls-tree', '-z', commit, '--', path], 'bug')).toString()
  // A link would be read as the path it holds; only plain files are checklists.
  const found = /^100(?:644|755) blob ([0-9a-f]+)\t/.exec(listed)
  if (found === null) return null
  return git(folder, ['cat-file', 'blob', found[1] ?? ''], `${path} cannot be read`)
}

function git(folder: string, args: readonly string[], otherwise: string): Promise<Buffer> {
  // Nobody sits there to be asked, and an address never runs a program.
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file' }
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      ['-C', folder, ...args],
      { env, encoding: 'buffer', timeout: WITHIN_MS, maxBuffer: MOST_BYTES },
      (fault, stdout, stderr) => {
        if (fault === null) return resolve(stdout)
        const said = stderr.toString('utf8').trim().split('\n').slice(-2).join(' ')
        const isMissing = 'code' in fault && fault.code === 'ENOENT'
        reject(
          new Refused(isMissing ? 'git is not installed here' : `${otherwise}: ${said || fault.message}`, 'git', 2),
        )
      },
    )
  })
}
