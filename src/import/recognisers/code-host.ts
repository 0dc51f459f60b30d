/** What GitHub can be asked: how its checks ended, what was reviewed, what is open and what is published. Only where the document is on GitHub. */
import type { Around } from '../item.ts'
import { check, input, run, type Settings } from '../kinds/block.ts'
import { namesOf } from '../kinds/document-names.ts'
import { byStatement } from '../kinds/statement.ts'

const place: Settings = [['repository', `${input('github_owner')}/${input('github_repository')}`]]

function asks({ outline }: Around, settings: Settings): string | null {
  return namesOf(outline).isOnGithub ? check('github', [...place, ...settings]) : null
}

const elsewhere =
  /\b(?:jenkins|circle ?ci|travis|azure|teamcity|buildkite|appveyor|branch|PR|pull request|merge request|fork)\b|`|\b(?:last|past|previous|consecutive)\b/i

/** More than the commit of the release is spoken of. */
const further = /\b(?:PR|pull request|fork|wait|last|past|previous|consecutive)\b/i

const many: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3 }

/** How many have to approve; one where nothing is said. */
function approvalsIn(text: string): number {
  const said = /\b(?:at least|by) (\d{1,2}|one|two|three)\b/i.exec(text)?.[1]?.toLowerCase()
  return said === undefined ? 1 : (many[said] ?? Number(said))
}

const workflowLink = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/actions\/workflows\/([\w.-]+\.ya?ml)(?:$|[?#])/

export const codeHost = byStatement('code-host', [
  {
    text: /\b(?:pass(?:es|ed|ing)?|green|succe\w+)\b.*\]\(https:\/\/github\.com\/|\]\(https:\/\/github\.com\/.*\b(?:pass(?:es|ed|ing)?|green|succe\w+)\b/i,
    unless: further,
    kind: 'github',
    why: '`github` says how its newest run for the commit of the release ended.',
    propose: (_said, { links }) => {
      const found = links.length === 1 ? workflowLink.exec(links[0]?.url ?? '') : null
      if (!found) return null
      const [, repository = '', file = ''] = found
      return check('github', [
        ['repository', repository],
        ['workflows', [file]],
      ])
    },
  },
  {
    text: /(?:[`"“]|\*\*)([\w .:/&-]{2,60})(?:[`"”]|\*\*)\s+(?:GitHub\s+)?(?:Actions\s+)?workflow\b.{0,15}\b(?:pass(?:es|ed|ing)?|succe\w+|is green)\b|\btests? pass(?:es|ing)?\s+in\s+the\s+["“`]([\w .:/&-]{2,60})["”`]\s+workflow\b/i,
    unless: further,
    kind: 'github',
    why: '`github` says how its newest run for the commit of the release ended.',
    propose: ([, one, two], _item, around) => asks(around, [['workflows', [(one ?? two ?? '').trim()]]]),
  },
  {
    text: /^(?:all )?(?:automated )?(?:GitHub Actions|GitHub|CI(?:\/CD)?)(?: Actions| CI)?(?: status)?(?: checks?| pipelines?| builds?| workflows| jobs| tests)?(?: are| is)?(?: all)? (?:pass(?:es|ed|ing)?|green|succe\w+)\b|^(?:all )?(?:\w+ )?tests (?:are )?pass(?:ing|ed)? (?:in|on) (?:the )?(?:CI(?:\/CD)?|GitHub Actions)\b/i,
    unless: elsewhere,
    kind: 'github',
    why: '`github` says how all checks of the commit of the release ended.',
    propose: (_said, _item, around) => asks(around, [['checks', 'all']]),
  },
  {
    text: /^(?:all )?(?:code )?(?:changes|commits) (?:are |were |have been )?merged (?:via|through|by|with) (?:pull requests|PRs)\b/i,
    kind: 'github',
    why: '`github` says what came in since the last release without a pull request.',
    propose: (_said, _item, around) => asks(around, [['since', namesOf(around.outline).previousTag]]),
  },
  {
    text: /^(?:all )?(?:pull requests|PRs) (?:are |were |have been )?(?:reviewed and )?approved\b|^code reviews? (?:is |are )?(?:completed? and approved|approved|completed?, approved)\b|^all (?:code|changes) (?:is |are |have been )?reviewed and approved\b/i,
    kind: 'github',
    why: '`github` says who approved each pull request since the last release.',
    propose: (_said, { text }, around) =>
      asks(around, [
        ['since', namesOf(around.outline).previousTag],
        ['approvals', approvalsIn(text)],
      ]),
  },
  {
    text: /\ball (?:the )?issues\b.{0,40}\bmilestone\b.{0,20}\b(?:closed|resolved|done|completed?)\b|\bmilestone (?:is complete|has no open issues|has nothing open)\b/i,
    kind: 'github',
    why: '`github` says what is open in the milestone; which one it is, each run is asked.',
    propose: (_said, _item, around) => asks(around, [['milestone', input('github_milestone')]]),
  },
  {
    text: /\bno open (?:issues|tickets|bugs) (?:are )?(?:tagged|labell?ed|with (?:the )?label|marked)(?: with| as)?\s+[`"“]?([\w:./-]{2,50})[`"”]?/i,
    kind: 'github',
    why: '`github` says what is open under the label.',
    propose: ([, label = ''], _item, around) => asks(around, [['nothing-open', [label]]]),
  },
  {
    text: /^(?:release notes? |the )?(?:is |are )?published\b.{0,15}\bGitHub Releases?\b|^release notes? published\b.{0,15}\bGitHub Releases?\b|^GitHub release (?:is )?(?:published|exists)\b/i,
    kind: 'github',
    why: '`github` says whether the release of the tag is published.',
    propose: (_said, _item, around) => asks(around, [['release', namesOf(around.outline).tag]]),
  },
  {
    text: /^publish (?:the )?(?:release(?: notes)?\b.{0,15}\bGitHub Releases?|GitHub release)\b|^create (?:a |the )?(?:new )?GitHub release\b/i,
    unless: /\bdraft\b|`/i,
    kind: 'github',
    risk: 'changes',
    why: '`github-release` publishes its tag, with the notes of its draft, or with those that GitHub writes.',
    propose: (_said, _item, { outline }) => {
      const { isOnGithub, tag } = namesOf(outline)
      return isOnGithub ? run('github-release', [...place, ['tag', tag]]) : null
    },
  },
  {
    text: /^(?:run|trigger|start|dispatch|publish\b.{0,40}\b(?:from|by|with))\s+(?:the )?[`"“]([\w .-]{2,60})[`"”]\s+(?:GitHub\s+)?(?:Actions\s+)?workflow\b/i,
    kind: 'github',
    risk: 'changes',
    why: '`github-dispatch` runs it and waits for its end; its file is asked for, and the workflow has to take an input `holdpoint`.',
    propose: ([, name = ''], _item, { outline }) => {
      const { isOnGithub, tag } = namesOf(outline)
      const file = `${name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .replace(/^[_\d]+|_+$/g, '')}_workflow`
      return isOnGithub ? run('github-dispatch', [...place, ['workflow', input(file)], ['ref', tag]]) : null
    },
  },
])
