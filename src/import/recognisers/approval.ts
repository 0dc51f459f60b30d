/** Approvals: by how many, by which role, and nests of name, date and signature. */
import type { ImportItem, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'
import { yamlText } from '../reading/proposals.ts'
import { sieved } from '../sieve/sieve.ts'

const counts: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, five: 5 }

/** Role of a person as a name in a plan: `Security (if applicable)` is `security`. */
export function roleName(text: string): string {
  const plain = text
    .replace(/\([^)]*\)/g, ' ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return /^[a-z]/.test(plain) ? plain : plain === '' ? 'approver' : `role-${plain}`
}

/** The word for whoever approves: in "two other engineers" the second, which says more. */
function nounIn(words: string): string {
  const [first = '', second] = words.toLowerCase().split(' ')
  return singular(/^(?:other|more|different|independent|additional|further)$/.test(first) ? (second ?? '') : first)
}

/** Words that are no role: anybody, and what is done. */
const nobody = /^(?:approv|review|sign|people$|persons?$|member|colleague|individual|other$|of$|from$|$)/

function singular(word: string): string {
  return word.replace(/(?<!s)s$/, '')
}

/** The fields inside are those of a signature. */
function isSignatureNest(item: ImportItem, children: readonly ImportItem[]): boolean {
  return (
    item.children.length > 0 &&
    children.filter(({ text }) => /^(?:name|date|signature|signed|time|role)\b/i.test(text)).length >= 2
  )
}

const counted = sieved(
  /\b(?:approv\w*|sign\w*|review\w*)\b.{0,40}?\b(?:by\s+)?(?:at least|minimum(?: of)?|≥|>=|by)?\s*(\d{1,2}|one|two|three|four|five)\s+(\p{L}+(?:\s\p{L}+)?)/iu,
)
const numbered = sieved(
  /\b(\d{1,2}|one|two|three|four|five)\+?\s+(?:\w+\s+)?(approvals?|approvers?|reviewers?|sign-?offs?|signatures?)\b/i,
)
const signing = sieved(
  /^\W*(?:(?:approved|signed off|sign-?off|approval)\s+(?:by|from|of)\s+(?:the\s+)?([\p{L} /&-]{2,40})|([\p{L}][\p{L} /&-]{1,40}?)\s+(?:approval|approves|approved|sign-?off|signs? off|signed off|signature)(?:\s+(?:obtained|received|given|granted))?)\s*[:.]?$/iu,
)
const persons = sieved(
  /\b(?:lead|owner|team|manager|engineer|qa|security|product|ops|sre|legal|compliance|director|cto|head|stakeholders?|maintainers?|architect|support|business|release|marketing)\b/i,
)

export const approval: Recogniser = {
  name: 'approval',
  recognise: (item, around) => {
    if (!isStep(item, around)) return null
    const text = item.text.slice(0, 400)
    const count = counted.exec(text) ?? numbered.exec(text)
    if (count && /\bapprov|\bsign|\breview/i.test(text)) {
      const amount = counts[(count[1] ?? '').toLowerCase()] ?? Number(count[1])
      const noun = nounIn(count[2] ?? '')
      const role = nobody.test(noun) ? '' : roleName(noun)
      if (amount > 0 && amount < 50 && !/^(?:day|hour|week|minute|month)/.test(noun)) {
        const params: Record<string, Json> = {
          count: amount,
          role: role || null,
          operator: 'ge',
          value: amount,
          not: 'author',
        }
        const block = `\`\`\`yaml approve\n${role ? `role: ${role}\n` : ''}count: ${amount}\nnot: author\n\`\`\``
        return finding(item, around, {
          kind: 'approval-n',
          alsoKinds: ['github', 'approval'],
          confidence: 0.93,
          params,
          why: `${amount} people approve it, and their names are kept.`,
          proposal: { block, risk: 'reads' },
        })
      }
    }
    const children =
      around.outline.items.length > 0 && item.children.length > 0 ? childrenOf(item, around.sectionItems) : []
    const isNest = isSignatureNest(item, children)
    const named = signing.exec(text)
    const who = named?.[1] ?? named?.[2]
    if (who === undefined && !isNest) return null
    const isPerson = persons.test(who ?? text)
    if (!isNest && !isPerson) return null
    const role = roleName(who ?? text.replace(/:$/, ''))
    const block = `\`\`\`yaml approve\nrole: ${yamlText(role)}\n\`\`\``
    return finding(item, around, {
      kind: 'approval',
      confidence: 0.92,
      staysStep: true,
      params: { role, count: 1 },
      why: 'Somebody in this role signs; name and time are kept.',
      proposal: { block, risk: 'reads' },
    })
  },
}

const places = new WeakMap<readonly ImportItem[], ReadonlyMap<number, ImportItem>>()

function childrenOf(item: ImportItem, section: readonly ImportItem[]): readonly ImportItem[] {
  let byLine = places.get(section)
  if (!byLine) {
    byLine = new Map(section.map((each) => [each.line, each]))
    places.set(section, byLine)
  }
  return item.children.slice(0, 12).flatMap((line) => byLine.get(line) ?? [])
}
