/** What the linter says of any document: the page on its rules has a wrong and a right example of each. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textCodes } from '../../core/plan/codes.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import { fixDocument } from './fix.ts'
import { lintDocument } from './lint-document.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'lint.md'), 'utf8')
const today = '2030-01-31'

function lintOf(text: string) {
  return lintDocument({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds, today)
}

function codesOf(text: string): readonly string[] {
  return lintOf(text).problems.map(({ code }) => code)
}

function exampleOf(code: string, which: 'wrong' | 'right'): string {
  const after = page.split(`#### \`${code}\`\n`)[1] ?? ''
  return new RegExp(`^\`{4}markdown ${which}\\n([^]*?)^\`{4}$`, 'm').exec(after)?.[1] ?? ''
}

describe('the page on the rules', () => {
  test.each(textCodes)('%s: the wrong example is found, and the right one is not', (code) => {
    const [wrong, right] = [exampleOf(code, 'wrong'), exampleOf(code, 'right')]
    expect(wrong).not.toBe('')
    expect(right).not.toBe('')
    expect(codesOf(wrong)).toContain(code)
    expect(codesOf(right)).not.toContain(code)
  })
})

const task = (text: string): string => `# Release\n\n- [ ] ${text}\n`
const checked = (line: string, info = 'sh check'): string =>
  `---\nholdpoint: 1\n---\n# Release\n\n- [ ] Fine\n  \`\`\`${info}\n  ${line}\n  \`\`\`\n`

describe('a rule is not silly', () => {
  test.each([
    ['grep-finds-nothing', 'No errors: `! kubectl logs -l app=a --since=5m | grep error`'],
    ['grep-finds-nothing', 'Version is shown: `shop --version | grep 3`'],
    ['grep-finds-nothing', 'No errors: `git log --oneline | grep -vc error`'],
    ['curl-without-fail', 'Verify the answer: `curl -s -o /dev/null -w "%{http_code}" https://shop.example/`'],
    ['curl-without-fail', 'Health page says ok: `curl -s https://shop.example/health | grep ok`'],
    ['curl-without-fail', 'Send the mail: `curl -X POST https://mail.example/send`'],
    ['failure-swallowed', 'Old container is gone: `docker rm -f old || true`'],
    ['failure-swallowed', 'Show the top: `git log --oneline | head -5`'],
    ['placeholder-left', 'On the branch `git checkout 5.2.x`'],
    ['placeholder-left', 'Do not use `git push origin vX.Y.Z`'],
    ['mark-is-no-revert', 'New database: `alembic stamp head`'],
    ['placeholder-left', 'Secret: `gh secret set DEPLOY_HOST`'],
    ['placeholder-left', 'Image: `docker pull shop:$IMAGE_TAG`'],
    ['tag-created-twice', 'Tags are fresh: `git tag -d v1 && git tag -l`'],
    ['unknown-flag', 'Pushed: `git push --follow-tags origin main`'],
    ['metric-without-scope', 'Memory of each pod < 80%'],
    ['metric-without-scope', 'Page says 5 cpu'],
    ['wrong-port', 'Page: `curl -f http://localhost:8080/`'],
    ['box-is-a-field', 'Name of the release is chosen'],
    ['vague-branch', 'Branch protection is on'],
    ['date-in-the-past', 'Reviewed on 2020-01-01 at 10:00'],
    ['repeated-item', 'Done:\n\n## B\n\n- [ ] Done:'],
  ])('%s: silent about "%s"', (code, text) => {
    expect(codesOf(task(text))).not.toContain(code)
  })

  test.each([
    ['grep-finds-nothing', 'No warnings: `make 2>&1 | grep warning`'],
    ['placeholder-left', 'Ping: `redis-cli -h <Redis host> ping`'],
    ['placeholder-left', 'Image: `docker pull shop:NEW_VERSION`'],
    ['placeholder-left', 'Image: `docker pull shop:IMAGE_TAG`'],
    ['placeholder-left', 'Page: `curl -f http://localhost:PORT/`'],
    ['destructive-command', 'Database back: `alembic downgrade base`'],
    ['interactive-command', 'Listens: `telnet mail.example 25`'],
    ['follow-without-bound', 'Log: `tail -f app.log`'],
    ['mark-is-no-revert', 'Roll back: `alembic stamp head`'],
    ['secret-in-clear', 'Log in with password=hunter2hunter2x'],
    ['duration-disagrees', 'x\n\n## 10% (1 hour)\n\n## 50% (1 hour)\n\nMoving to 50% in 15 minutes.'],
    ['limits-disagree', 'Roll back above error rate > 5%\n- [ ] Abort when the error rate exceeds 2%'],
    ['date-in-the-past', 'Maintenance starts March 3, 2029 at 10:00'],
    ['date-in-the-past', 'Planned for 3 Mar 2029'],
    ['failure-swallowed', 'Tests pass: `npm test || exit 0`'],
    ['limits-gap', 'x\n\n| Metric | Go | Rollback |\n|---|---|---|\n| Error rate | < 1% | > 4% |'],
    ['limits-disagree', 'x\n\n| Metric | Rollback |\n|---|---|\n| Error rate | > 4% |\n\nRoll back: error rate > 5%'],
  ])('%s: finds "%s"', (code, text) => {
    expect(codesOf(task(text))).toContain(code)
  })
})

describe('a document that does not declare itself', () => {
  test('is looked at as text: no word about steps or blocks, and no error for a plan it does not want to be', () => {
    const { problems, isDeclared } = lintOf('# How we release\n\nSomebody presses the button.\n')
    expect(isDeclared).toBe(false)
    expect(problems).toEqual([])
  })

  test('keeps the warning that a block in it does not run', () => {
    expect(codesOf('# A\n\n- [ ] B\n  ```sh check\n  true\n  ```\n')).toEqual(['not-declared'])
  })

  test('is refused when it cannot be read', () => {
    const { problems } = lintDocument({ file: 'a.md', bytes: new Uint8Array([0x61, 0]), shared: null }, testKinds, null)
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['not-text', 'error']])
  })

  test('has shell sessions, continued lines, texts within commands and comments', () => {
    const session =
      '# A\n\n```console\n$ git tag v1.2.3\nv1.2.3 git tag v1.2.3\n$ docker push \\\n  shop:v1.2.4\n# git tag v9.9.9\n$ cat <<EOF\ngit tag v8.8.8\nEOF\n```\n'
    const { problems } = lintOf(session)
    expect(problems.map(({ code, line }) => `${code}:${line}`)).toEqual(['sample-version:4', 'sample-version:6'])
  })
})

describe('a document that declares itself', () => {
  test('has its blocks looked at, and no other code', () => {
    expect(codesOf(checked('curl -s https://shop.example/'))).toEqual(['curl-without-fail'])
    expect(codesOf(checked('curl -s https://shop.example/', 'sh'))).toEqual([])
  })

  test('is told nothing twice', () => {
    const codes = codesOf(checked('tail -f app.log; telnet shop.example 25'))
    expect(codes).toEqual([...new Set(codes)])
  })
})

describe('--fix', () => {
  const fixed = (text: string) => {
    const { bytes, fixes } = fixDocument(new TextEncoder().encode(text))
    return {
      text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      fixes: fixes.map(({ line, code }) => `${code}:${line}`),
    }
  }

  test('lets curl fail in checks, and changes no other byte: marks, tabs and line ends stay', () => {
    const text = `\uFEFF${checked('  curl -s https://shop.example/  ')}\t\n- [ ] curl -s\n`.replaceAll('\n', '\r\n')
    const { text: after, fixes } = fixed(text)
    expect(fixes).toEqual(['curl-without-fail:8'])
    expect(after).toBe(text.replace('curl -s https', 'curl --fail -s https'))
    expect(fixed(after)).toEqual({ text: after, fixes: [] })
  })

  test("leaves a team's own commands as they are", () => {
    const text = task('Health check: `curl -s https://shop.example/health`')
    expect(fixed(text)).toEqual({ text, fixes: [] })
  })

  test('puts damaged characters back, after which nothing is damaged', () => {
    const { text, fixes } = fixed('# A\n\n- [ ] CafÃ© and naÃ¯ve\n')
    expect(fixes).toEqual(['damaged-encoding:3'])
    expect(text).toBe('# A\n\n- [ ] Café and naïve\n')
    expect(codesOf(text)).not.toContain('damaged-encoding')
  })

  test('does not guess about bytes that are no UTF-8', () => {
    const bytes = new Uint8Array([0x2d, 0x20, 0xe9, 0x0a])
    expect(fixDocument(bytes)).toEqual({ bytes, fixes: [] })
  })
})

/** Pieces of which documents with findings are made, in any order, and anything between them. */
const pieces = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom(
      ...'\n|\r\n|\t|    |- [ ] |- [x] |1. |## Stage 1: 5% (1 hour)\n|## Rollback\n|```sh\n|```\n|```sh check\n|`git tag v1`|curl -s http://a/health'.split(
        '|',
      ),
      ' | grep error',
      '| a | b |\n|---|---|\n| error rate | > 5% |\n',
      '---\nholdpoint: 1\n---\n',
      'error rate < 1%, p95 > 2s ',
      '\uFEFF',
      'Ã©',
      '[a](#%zz)\n',
      '<<EOF\n',
      '\\\n',
    ),
  ),
  { maxLength: 60 },
)

describe('any text', () => {
  test('is read without a crash, and each finding has a line of it', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        const lines = text.split(/\r\n?|\n/).length
        return lintOf(text).problems.every(({ line, column }) => line >= 1 && line <= lines && column >= 1)
      }),
      { numRuns: 300 },
    )
  })

  test('that was mended has nothing left to mend', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const once = fixDocument(new TextEncoder().encode(parts.join('')))
        const twice = fixDocument(once.bytes)
        expect(twice.fixes).toEqual([])
        expect(twice.bytes).toEqual(once.bytes)
      }),
      { numRuns: 300 },
    )
  })
})
