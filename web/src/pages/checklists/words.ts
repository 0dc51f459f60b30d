/** Words about checklists: where one comes from, where its page is, how a release of it stands. */
import type { RegisteredChecklist, ReleaseSummary } from '../../../../src/api/wire/web.ts'

export function checklistPath({ project, name }: Pick<RegisteredChecklist, 'project' | 'name'>): string {
  return `/checklists/${encodeURIComponent(project)}/${encodeURIComponent(name)}`
}

export function short(hash: string): string {
  return hash.slice(0, 12)
}

/** `v1.4 0123456789ab RELEASE.md`, or the name of the file. */
export function sourceWords({ source }: Pick<RegisteredChecklist, 'source'>): string {
  if (source.kind === 'upload') return `${fileName(source.file)}, uploaded`
  return `${refWords(source.ref)} at ${short(source.commit)}, ${source.path}`
}

export function refWords(ref: string): string {
  return ref.replace(/^refs\/(tags|heads)\//, '')
}

export function endedWords({ phase, open }: ReleaseSummary): string {
  if (open) return 'under way'
  return phase.replaceAll('-', ' ')
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Of a path on somebody's machine only the file says anything. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) || path
}
