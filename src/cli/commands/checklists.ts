/** `checklist`: what a project may start, kept by its bytes: from a file here, or from a commit of a repository. */
import type { RegisteredChecklist } from '../../core/access/access.ts'
import type { DocumentBody } from '../../api/client-types.ts'
import { change, printTable, segment } from '../ask-server.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { compileBytes, loadPlan } from '../document.ts'
import { UsageFault } from '../faults.ts'
import { readFromGit, short } from '../git-document.ts'
import { problemText } from '../problem-text.ts'
import { nameIn } from '../registered-checklist.ts'
import { text } from '../values.ts'

export const list: Run = async (context) => {
  const client = await context.client()
  const checklists = await client.ask<readonly RegisteredChecklist[]>('GET', '/v1/checklists')
  if (context.json) {
    printJson(context, checklists)
    return 0
  }
  if (checklists.length === 0)
    context.err('none are registered; for example: holdpoint checklist register shop/release RELEASE.md')
  printTable(
    context,
    ['CHECKLIST', 'SERVICE', 'FROM', 'DIGEST', 'BY'],
    checklists.map((each) => ({
      cells: [`${each.project}/${each.name}`, each.service, sourceWords(each), short(each.sha256), each.registeredBy],
    })),
  )
  return 0
}

function sourceWords({ source }: RegisteredChecklist): string {
  if (source.kind === 'upload') return source.file
  return `${source.ref.replace(/^refs\/(tags|heads)\//, '')} ${short(source.commit)} ${source.path}`
}

interface Registering {
  readonly document: DocumentBody
  readonly git: { readonly url: string; readonly path: string; readonly ref: string; readonly commit: string } | null
}

const EXAMPLE = 'holdpoint checklist register shop/release RELEASE.md'

export const register: Run = async (context, [given = '', file], options) => {
  const { project, name } = nameIn(given)
  const { document, git } = await registering(file, options)
  const path = `/v1/projects/${segment(project)}/checklists`
  return change<RegisteredChecklist>(context, path, { name, document, git }, (found) => [
    `${given} is registered: ${found.service}, ${sourceWords(found)}`,
    `  sha-256 ${found.sha256}`,
    ...(git === null ? [] : [`  commit  ${git.commit}`]),
    `start it: holdpoint run --checklist ${given} --version 1.2.3`,
  ])
}

async function registering(file: string | undefined, options: Values): Promise<Registering> {
  const url = text(options, 'git')
  if (file !== undefined && url !== null)
    throw new UsageFault(`either a file or --git, not both; for example: ${EXAMPLE}`)
  if (url !== null) return fromGit(url, text(options, 'ref'), text(options, 'path') ?? 'RELEASE.md')
  if (file === undefined)
    throw new UsageFault(
      `what is to be registered? A file, for example: ${EXAMPLE}\nor a repository:                 holdpoint checklist register shop/release --git https://git.example.com/shop.git --ref v1.4`,
    )
  const { body } = await loadPlan(file)
  return { document: body, git: null }
}

async function fromGit(url: string, ref: string | null, path: string): Promise<Registering> {
  if (ref === null) throw new UsageFault('--git needs a branch, a tag or a commit, for example --ref v1.4')
  const found = await readFromGit({ url, ref, path })
  const shared = found.shared === null ? null : { file: 'holdpoint.yaml', text: found.shared }
  const { body, problems } = await compileBytes({
    file: path,
    bytes: found.bytes,
    shared,
    calendars: found.calendars,
  })
  if (body === null)
    throw new UsageFault(
      `${path} of ${short(found.commit)} does not compile\n${problems.map((problem) => problemText(problem)).join('\n')}`,
    )
  return { document: body, git: { url, path, ref: found.ref, commit: found.commit } }
}

export const retire: Run = (context, [given = ''], options) => {
  const { project, name } = nameIn(given)
  const path = `/v1/projects/${segment(project)}/checklists/${segment(name)}/retire`
  return change(context, path, { reason: text(options, 'reason') ?? '' }, () => [
    `${given} is retired: whoever may start releases, and no more than that, starts it no more`,
  ])
}
