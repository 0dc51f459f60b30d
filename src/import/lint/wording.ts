/** Rules on words that leave open what is meant, and on secrets anybody can read. */
import { secretIn } from '../../core/plan/lint.ts'
import { shown, type TextRule } from './text-rule.ts'

const vagueBranch: TextRule = ({ items }, report) => {
  for (const { text, line } of items) {
    if (
      !/\bbranch\b.{0,12}\b(?:usually|normally|typically|mostly|often|generally)\b|\b(?:usually|normally|typically|mostly|often|generally)\b.{0,20}\bbranch\b/i.test(
        text,
      )
    )
      continue
    report('vague-branch', line, {
      found: `"${shown(text, 60)}": from which branches a release may come is left open`,
      expected: 'the branches that are allowed, by name or pattern',
      example: '```sh check match=/^(main|release\\/.+)$/\ngit branch --show-current\n```',
    })
  }
}

/** Without a token a server answers 401 before it looks at what was sent. */
const callWithoutToken: TextRule = ({ items }, report) => {
  const refusal = items.find(
    ({ text }) => /\b401\b/.test(text) && /\b(?:token|auth\w*|unauthori[sz]ed|credentials?|login)\b/i.test(text),
  )
  if (!refusal) return
  for (const { text, line } of items) {
    const call = /\b(GET|POST|PUT|PATCH|DELETE)\s+(\/\S*)[^]*?\b(400|404|409|422|429)\b/.exec(text)
    if (!call || /\b(?:token|auth\w*|logged in|as (?:a |an )?(?:user|admin))\b/i.test(text)) continue
    report('call-without-token', line, {
      found: `${call[1]} ${shown(call[2] ?? '', 40)} expected to answer ${call[3]}: without a token it is 401, as line ${refusal.line} says`,
      expected: 'the account or token with which the call is made',
      example: 'POST {{api}}/orders\nAuthorization: Bearer {{secret.API_TOKEN}}',
    })
  }
}

/** The linter of plans looks at documents that declare themselves. */
const secretInClear: TextRule = ({ lines }, report) => {
  lines.forEach((text, index) => {
    const found = secretIn(text)
    if (found) report('secret-in-clear', { line: index + 1, column: found.column }, found.remark)
  })
}

export const wordingRules: readonly TextRule[] = [vagueBranch, callWithoutToken, secretInClear]
