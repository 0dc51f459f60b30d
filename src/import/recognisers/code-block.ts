/** Blocks of code: commands with or without prompts, queries, and what their place makes of them. */
import type { Around, Finding, ImportItem, ItemFence, Kind, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { ownBlock } from '../kinds/own-block.ts'
import { finding, type Meaning } from '../reading/finding.ts'
import { isListItem, isRollbackPlace, isStep, sectionText } from '../reading/place.ts'
import { shellProposal } from '../reading/proposals.ts'
import { kindOfCommand } from '../reading/shell-meaning.ts'
import { commandLines } from '../reading/shell-parts.ts'

const shells = /^(?:sh|bash|shell|zsh|console|shell-session|terminal|shellsession)$/i
const tools =
  /^(?:\$\s|sudo\s|git|npm|npx|pnpm|yarn|make|docker|kubectl|helm|aws|gcloud|az|curl|cargo|go|python3?|pip3?|pytest|terraform|gh|\.\/|cd|export|systemctl|poetry|uv|twine|mvn|\.?\/?gradlew|bundle|rake|rails|mix|dotnet|psql|redis-cli|ssh|scp|rsync|openssl|gpg|tar|cp|mv|rm|mkdir|echo|cat|grep|sed|jq)\b/

/** The commands of a block, prompts taken off; null = it holds none. */
export function scriptOf({ info, body }: ItemFence): { readonly language: string; readonly script: string } | null {
  const language = info.split(/[\s{]/)[0]?.toLowerCase() ?? ''
  const text = body.replace(/\n+$/, '')
  const isShell = shells.test(language)
  const lines = text.split('\n')
  // Boxes in a block are a list that somebody ticks, whatever language it claims.
  if (lines.some((line) => /^\s*(?:[-*+]\s+)?\[[ xX]\]\s+\S/.test(line))) return null
  const isSession = lines.some((line) => /^\s*\$ \S/.test(line))
  const looksShell =
    language === '' && lines.filter((line) => tools.test(line.trim())).length > 0 && lines.every((line) => isCode(line))
  if (/^(?:python3?|node)$/.test(language)) return { language, script: text }
  if (!isShell && !looksShell && !(language === '' && isSession)) return null
  if (isSession) {
    // Lines without a prompt are output, unless the line before goes on.
    let goesOn = false
    const typed = lines.flatMap((line) => {
      const isTyped = /^\s*\$ /.test(line) || goesOn || /^\s*#\s/.test(line)
      goesOn = isTyped && /\\\s*$/.test(line)
      return isTyped ? [line.replace(/^\s*\$ /, '')] : []
    })
    return { language: 'sh', script: typed.join('\n') }
  }
  return commandLines(text).length > 0 ? { language: 'sh', script: text } : null
}

function isCode(line: string): boolean {
  const words = line.trim()
  return words === '' || words.startsWith('#') || tools.test(words) || /^\s+\S|^[-\w./$"'|&;({\\]/.test(line)
}

export const codeBlock: Recogniser = {
  name: 'code-block',
  recognise: (item, around) => {
    if (item.isQuoted) return null
    if (item.form === 'fence') return ofFence(item, around)
    const [first] = item.fences
    if (!isListItem(item) || !first || !(isStep(item, around) || item.checked !== null)) return null
    const meaning = meaningOf(first, item, around)
    if (!meaning) return null
    // Of an item the first command says what it is about; the block itself is commands.
    const [line] = commandLines(scriptOf(first)?.script ?? '')
    const kind = meaning.kind === 'command' && line !== undefined ? kindOfCommand(line) : meaning.kind
    const staysStep = item.children.length === item.fences.length
    const alsoKinds = [meaning.kind, ...(meaning.alsoKinds ?? [])]
    return finding(item, around, { ...meaning, kind, alsoKinds, confidence: 0.8, staysStep })
  },
}

function ofFence(item: ImportItem, around: Around): Finding | null {
  const [fence] = item.fences
  const own = fence && meaningOf(fence, item, around)
  if (!own) return null
  const meaning =
    item.parent === null && own.proposal && !isFirst(item, around)
      ? { ...own, proposal: null, why: `${own.why} ${second}` }
      : own
  const place = `${sectionText(item)} > ${around.parent?.text ?? ''}`
  if (isRollbackPlace(item))
    return finding(item, around, { ...meaning, kind: 'rollback-step', alsoKinds: [meaning.kind] })
  if (/\b(?:increase|shift|switch|ramp|move)\s+(?:\w+\s+)?traffic\b/i.test(item.section.at(-1) ?? ''))
    return finding(item, around, { ...meaning, kind: 'traffic-shift', alsoKinds: ['command'] })
  return finding(item, around, {
    ...meaning,
    alsoKinds: [...(meaning.alsoKinds ?? []), ...(/\brollback\b/i.test(place) ? (['rollback-step'] as const) : [])],
  })
}

const second = 'A heading makes one step, and a block before this one already does.'
const firsts = new WeakMap<readonly ImportItem[], ImportItem | null>()

/** Of several blocks right under one heading only the first can be the heading's step. */
function isFirst(item: ImportItem, around: Around): boolean {
  const { sectionItems } = around
  let first = firsts.get(sectionItems)
  if (first === undefined) {
    first =
      sectionItems.find((each) => {
        const [fence] = each.form === 'fence' && each.parent === null ? each.fences : []
        return (
          fence !== undefined && Boolean(meaningOf(fence, each, { ...around, parent: null, previous: null })?.proposal)
        )
      }) ?? null
    firsts.set(sectionItems, first)
  }
  return first === null || first === item
}

function meaningOf(fence: ItemFence, item: ImportItem, around: Around): Meaning | null {
  const language = fence.info.split(/[\s{]/)[0]?.toLowerCase() ?? ''
  if (language === 'sql')
    return {
      kind: 'sql',
      confidence: 0.9,
      params: { query: fence.body.trim().slice(0, 2000), ...spanIn(fence.body) },
      why: 'It is a query; which database it is for has to be said.',
    }
  const found = scriptOf(fence)
  if (!found) return null
  const context = item.form === 'fence' ? (around.parent?.text ?? around.previous?.text ?? '') : item.text
  const shell = shellProposal(found.script, {
    language: found.language,
    words: context,
  })
  const own = found.language === 'sh' ? ownBlock(found.script, context) : null
  const lines = commandLines(found.script)
  const kinds = [...new Set(lines.map(kindOfCommand))].filter((kind) => kind !== 'command')
  const params: Record<string, Json> = {
    commands: lines.length,
    risk: shell.risk,
    language: language || 'sh',
    ...spanIn(found.script),
  }
  if (shell.placeholders.length > 0) params.placeholders = shell.placeholders
  const folder = /^\s*cd\s+(\S+)/m.exec(found.script)?.[1]
  if (folder !== undefined) params.folder = folder
  const expected = /^\s*#\s*(?:expected|should|must)\b(.{0,200})/im.exec(found.script)?.[0]?.trim()
  if (expected !== undefined) params.expected = expected
  const guarded = /#\s*.*\b(?:do not run|only if|absolutely necessary|last resort|danger|warning)\b.{0,80}/i.exec(
    found.script,
  )?.[0]
  if (guarded !== undefined) params.guard = guarded.replace(/^#\s*/, '')
  const isLoad = /\b(?:load|concurrent|stress|soak)\b/i.test(context)
  const loop = /\{1\.\.(\d{1,6})\}/.exec(found.script)?.[1]
  if (loop !== undefined) params.count = Number(loop)
  const also: readonly Kind[] = [...kinds, ...(isLoad ? (['load-soak'] as const) : [])]
  const amount = lines.length === 1 ? 'a command' : `${lines.length} commands`
  const does =
    shell.risk === 'reads'
      ? 'that only read'
      : shell.risk === 'changes'
        ? 'that change something'
        : 'that destroy something'
  const words = lines.length === 1 ? does.replace(/ (read|change|destroy)/, ' $1s') : does
  return {
    kind: 'command',
    alsoKinds: also,
    confidence: 0.9,
    params,
    why: `It holds ${amount} ${words}. ${own ? own.remark : shell.remark}`.trim(),
    proposal: own ? { block: own.block, risk: own.risk } : shell.proposal,
  }
}

/** `--since=5m`, `INTERVAL '1 hour'`: the time that is looked at. */
function spanIn(script: string): Record<string, Json> {
  const match = /--since[= ]-?(\d+)\s?([smhd])|\binterval\s+'(\d+)\s*(second|minute|hour|day)s?'/i.exec(script)
  if (!match) return {}
  const unit = { s: 's', m: 'min', h: 'h', d: 'd' }[(match[2] ?? match[4] ?? '')[0]?.toLowerCase() ?? '']
  return { span: { value: Number(match[1] ?? match[3]), unit: unit ?? null } }
}
