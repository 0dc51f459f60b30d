/** The checklist that somebody wants to start: registered, or a file of theirs; its very bytes, as the server gets them. */
import type { RegisteredChecklist } from '../../../../src/api/wire/web.ts'
import { get } from '../../api/ask.ts'

export interface Checklist {
  /** `shop/release`, or the name of a file. */
  readonly name: string
  readonly file: string
  readonly base64: string
  readonly shared: { readonly file: string; readonly text: string } | null
  /** Calendar files that its windows name. */
  readonly calendars: readonly { readonly file: string; readonly text: string }[]
  /** Of its repository, where it comes from one. */
  readonly commit: string | null
  /** Digest that was registered; null = a file that came along. */
  readonly registered: string | null
  /** The project that registered it; null = a file that came along. */
  readonly project: string | null
}

const SHARED = 'holdpoint.yaml'
const LARGEST = 400_000

export function registeredChecklists(): Promise<readonly RegisteredChecklist[]> {
  return get('/v1/checklists')
}

interface WithBytes extends Omit<RegisteredChecklist, 'calendars'> {
  readonly base64: string
  readonly shared: string | null
  readonly calendars: Checklist['calendars']
}

export async function loadRegistered(project: string, name: string): Promise<Checklist> {
  const found = await get<WithBytes>(
    `/v1/projects/${encodeURIComponent(project)}/checklists/${encodeURIComponent(name)}`,
  )
  const { source } = found
  return {
    name: `${project}/${name}`,
    file: source.kind === 'git' ? source.path : source.file,
    base64: found.base64,
    shared: found.shared === null ? null : { file: SHARED, text: found.shared },
    calendars: found.calendars,
    commit: source.kind === 'git' ? source.commit : null,
    registered: found.plan,
    project,
  }
}

/** One Markdown file, with the `holdpoint.yaml` and the calendars beside it where there are any. Throws what the person has to read. */
export async function fromFiles(files: readonly File[]): Promise<Checklist> {
  const shared = files.find(({ name }) => name === SHARED)
  const calendars = files.filter(({ name }) => name.toLowerCase().endsWith('.ics'))
  const [document, another] = files.filter((file) => file !== shared && !calendars.includes(file))
  if (document === undefined) throw new Error('That is no checklist: choose a Markdown file, for example RELEASE.md.')
  if (another !== undefined)
    throw new Error(`One checklist at a time: ${document.name} and ${another.name} came together.`)
  if (!/\.(md|markdown|txt)$/i.test(document.name))
    throw new Error(`${document.name} is no Markdown file; a checklist is one, for example RELEASE.md.`)
  if (document.size > LARGEST) throw new Error(`${document.name} is larger than 400 kB, the most a checklist may be.`)
  return {
    name: document.name,
    file: document.name,
    base64: base64Of(new Uint8Array(await document.arrayBuffer())),
    shared: shared === undefined ? null : { file: SHARED, text: await shared.text() },
    calendars: await Promise.all(calendars.map(async (file) => ({ file: file.name, text: await file.text() }))),
    commit: null,
    registered: null,
    project: null,
  }
}

export function fromText(text: string): Checklist {
  return {
    name: 'The pasted text',
    file: 'release.md',
    base64: base64Of(new TextEncoder().encode(text)),
    shared: null,
    calendars: [],
    commit: null,
    registered: null,
    project: null,
  }
}

const PIECE = 8_192

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(binary)
}
