import { describe, expect, test } from 'vitest'
import { lintCodes } from './codes.ts'
import { lint } from './lint.ts'
import { testKinds } from './test-kinds.ts'

function codesOf(text: string): readonly string[] {
  return lint({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds).problems.map(
    (problem) => `${problem.code}:${problem.line}`,
  )
}

function errorsOf(text: string): readonly string[] {
  const { problems } = lint({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  return problems.filter((problem) => problem.severity === 'error').map((problem) => `${problem.code} ${problem.found}`)
}

function checklist(body: string, front = ''): string {
  return `---\nholdpoint: 1\n${front}---\n# Release\n\n${body}`
}

const script = (word: string, line: string): string =>
  checklist(`- [ ] A step\n  \`\`\`sh ${word}\n  ${line}\n  \`\`\`\n`)
const rollout = (judge: string, extra = '', weight = 100): string =>
  checklist(
    `- [ ] Move\n  \`\`\`yaml rollout\n  components:\n    api: { traffic: command, set: a, read: b, restore: c }\n    web: { traffic: command, set: a, read: b, restore: c }\n  stages: [{ weight: ${weight}% }]\n  judge: { source: prom, metrics: { errors: { kind: ratio, bad: '${judge}', total: '${judge}', go: "< 1%" } } }\n  \`\`\`\n${extra}\n## Back\n\n\`\`\`yaml phase\nkind: rollback\n\`\`\`\n\n- [ ] Restored\n`,
    'sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n',
  )

const limits = (text: string, kind = 'ratio'): string =>
  rollout('x{ {{arm}} }')
    .replace('go: "< 1%"', text)
    .replace(/kind: ratio, .*'(?=, )/, kind === 'ratio' ? '$&' : "kind: histogram, buckets: 'x{ {{arm}} }'")
const judged = (settings: string, text: string): string => limits(text).replace('judge: {', `judge: { ${settings},`)
const compared = (stage: string, settings: string): string =>
  judged(
    `${settings}${settings === '' ? '' : ', '}arms: { canary: { version: a }, stable: { version: b } }`,
    'go: "< 1%", versus-stable: "+25%"',
  ).replace('weight: 100%', `weight: ${stage} }, { weight: 100%`)
const windowed = (allow: string, soak: string): string =>
  rollout('x{ {{arm}} }')
    .replace('sources:', `windows: { office: { zone: UTC, allow: [{ ${allow} }] } }\nsources:`)
    .replace('- [ ] Move', '## Move\n\n```yaml phase\nkind: rollout\nwindow: office\n```\n\n- [ ] Move')
    .replace('weight: 100%', `weight: 100%, soak: ${soak}`)

const cases: Readonly<
  Record<(typeof lintCodes)[number], { readonly bad: readonly string[]; readonly good: readonly string[] }>
> = {
  'undo-missing': {
    bad: [script('run', './deploy.sh')],
    good: [
      script('run irreversible="the mail is out"', './mail.sh'),
      checklist('- [ ] A\n  ```sh run\n  ./a.sh\n  ```\n  ```sh undo\n  ./b.sh\n  ```\n'),
    ],
  },
  'rollback-missing': {
    bad: [rollout('x{ {{arm}} }').replace('kind: rollback', 'kind: gate')],
    good: [rollout('x{ {{arm}} }')],
  },
  'owner-missing': {
    bad: [checklist('- [ ] Sure?\n', 'environments: { production: { protected: true } }\n')],
    good: [
      checklist('- [ ] Sure?\n'),
      checklist(
        '- [ ] The usual\n  ```yaml baseline\n  values: { load: { query: "sum(load)" } }\n  ```\n',
        'environments: { production: { protected: true } }\nsources: { prom: { kind: prometheus, url: "http://prom.example:9090" } }\n',
      ),
      checklist(
        '- [ ] Sure?\n  ```yaml answer owner=ana\n  ```\n',
        'environments: { production: { protected: true } }\n',
      ),
      checklist(
        '## All\n\n```yaml phase\nowner: ana\n```\n\n- [ ] Sure?\n',
        'environments: { production: { protected: true } }\n',
      ),
    ],
  },
  'placeholder-left': {
    bad: ['docker pull shop:vX.Y.Z', './deploy.sh PREVIOUS_TAG', 'redis-cli -h <redis-host> ping', 'echo TODO'].map(
      (line) => script('check', line),
    ),
    good: ['docker pull shop:"$HOLDPOINT_VERSION"', 'echo "<body>x</body>"', 'sort < names.txt > sorted.txt'].map(
      (line) => script('check', line),
    ),
  },
  'secret-in-clear': {
    bad: [
      'curl -H "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123"',
      'export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
      'psql postgres://app:hunter22@db/app -c "select 1"',
      'export API_TOKEN=0123456789abcdef0123',
      'curl -fsS -u admin:hunter2 https://shop.example/health',
    ].map((line) => script('check', line)),
    good: [
      'curl -H "Authorization: Bearer $API_TOKEN"',
      'psql "postgres://app:$PASSWORD@db/app"',
      'curl -fsS -u "admin:$PASSWORD" https://shop.example/health',
      'export TOKEN="$(cat token)"',
    ].map((line) => script('check', line)),
  },
  'follow-without-bound': {
    bad: [
      'tail -f app.log',
      'kubectl logs -f deploy/api',
      'kubectl logs deploy/api --follow',
      'journalctl -u api -f',
    ].map((line) => script('check', line)),
    good: [
      'tail -n 100 app.log',
      'kubectl logs deploy/api --tail=100',
      'timeout 30 tail -f app.log',
      '# tail -f is no good',
      'rm -f app.log',
      'docker build -f Dockerfile .',
      'journalctl -u api --since -10m',
    ].map((line) => script('check', line)),
  },
  'interactive-command': {
    bad: [
      'read -p "Sure? " answer',
      'vim config.yaml',
      'kubectl exec -it deploy/api -- sh',
      'git rebase -i main',
      'sudo nano /etc/hosts',
    ].map((line) => script('check', line)),
    good: [
      'while read -r line; do echo "$line"; done < names',
      'kubectl exec deploy/api -- ./smoke.sh',
      './vim-is-fine.sh',
      'ssh host uptime',
    ].map((line) => script('check', line)),
  },
  'destructive-command': {
    bad: [
      'rm -rf /',
      'rm -rf "$BUILD/"',
      'rm -fr ~',
      'psql -c "DROP DATABASE app"',
      'kubectl delete namespace shop',
      'git push --force origin main',
    ].map((line) => script('check', line)),
    good: [
      script('check', 'rm -rf ./build/cache'),
      script('check', 'git push --force-with-lease'),
      script('run danger irreversible="meant"', 'terraform destroy -auto-approve'),
    ],
  },
  'unknown-value': {
    bad: [
      rollout('x{job="{{ jbo }}", {{arm}} }'),
      checklist('- [ ] A\n  ```yaml check\n  kind: tcp\n  port: 1\n  host: notes/{{ input.nope }}.md\n  ```\n'),
      checklist(
        '- [ ] A\n  ```yaml watch\n  for: 1h\n  checks: [{ name: a, kind: tcp, host: "{{ hots }}", port: 1 }]\n  ```\n',
      ),
      checklist('- [ ] A\n  ```http check\n  # @capture id = body.id\n  GET https://a.example/{{ di }}\n  ```\n'),
      checklist('```yaml trigger\naction: ask\ncheck: { kind: tcp, host: "{{ hots }}", port: 1 }\n```\n\n- [ ] A\n'),
      checklist(
        '- [ ] A\n  ```promql check on=prom versus=baseline.typo within=+20%\n  sum(x)\n  ```\n',
        'sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n',
      ),
    ],
    good: [
      checklist(
        '```md notify on=release.started to=console\n{{ version }} in {{ input.region }}: {{ news }}\n```\n\n- [ ] A\n',
        'inputs: { region: {} }\n',
      ),
      checklist(
        '- [ ] A\n  ```sh check capture=day\n  a\n  ```\n- [ ] B\n  ```yaml check\n  kind: tcp\n  port: 1\n  host: "{{ input.region }}/{{ day }}/{{ version }}.md"\n  ```\n',
        'inputs: { region: {} }\n',
      ),
    ],
  },
  'value-in-script': {
    bad: [
      checklist('- [ ] A\n  ```sh check matrix="app=api,web"\n  test -n "{{ app }}"\n  ```\n'),
      checklist('- [ ] A\n  ```sh run\n  ./deploy.sh {{version}}\n  ```\n  ```sh undo\n  true\n  ```\n'),
      checklist(
        '- [ ] A\n  ```sh run\n  true\n  ```\n  ```sh undo\n  ./back.sh {{ input.region }}\n  ```\n',
        'inputs: { region: {} }\n',
      ),
      checklist('- [ ] A\n  ```sh check\n  ./ask.sh {{ secret.KEY }}\n  ```\n', 'secrets: { KEY: env }\n'),
    ],
    good: [
      checklist(
        "- [ ] A\n  ```sh check\n  docker ps --format '{{.Names}} {{ json .Ports }}' && gomplate -i '{{ home }}'\n  ```\n",
      ),
      checklist('- [ ] A\n  ```sh check\n  test -n "$HOLDPOINT_VERSION"\n  ```\n'),
    ],
  },
  'lost-capture': {
    bad: ['digest', 'version', '"version from value"'].map((name) =>
      checklist(
        `- [ ] A\n  \`\`\`sql check on=db capture=${name}\n  select 1\n  \`\`\`\n`,
        'sources: { db: { kind: sqlite, file: a.db } }\n',
      ),
    ),
    good: [
      checklist(
        '- [ ] A\n  ```sql check on=db capture="count,stuck from value"\n  select 1\n  ```\n- [ ] B\n  ```sh check capture=x\n  a\n  ```\n',
        'sources: { db: { kind: sqlite, file: a.db } }\n',
      ),
    ],
  },
  'component-not-deployed': {
    bad: [rollout('x{ {{arm}} }', '- [ ] Deploy\n  ```sh run component=api\n  ./deploy.sh\n  ```\n')],
    good: [rollout('x{ {{arm}} }')],
  },
  'metric-without-arm': { bad: [rollout('x')], good: [rollout('x{ {{arm}} }')] },
  'stage-unjudged': {
    bad: [rollout('x{ {{arm}} }').replace(/judge: .*\n/, '')],
    good: [
      rollout('x{ {{arm}} }'),
      rollout('x{ {{arm}} }')
        .replace(/judge: .*\n/, '')
        .replace('weight: 100%', 'weight: 100%, promote: lead'),
    ],
  },
  'contradictory-limits': {
    bad: [
      limits('go: "< 3%", rollback: "> 2%"'),
      limits('go: "< 1%", rollback: "< 5%"'),
      limits('go: "<= 2%", rollback: ">= 2%"'),
      limits('go: "> 90%", rollback: "< 95%"'),
      limits('go: "p95 < 2s, p99 < 5s", rollback: "p99 > 4s"', 'histogram'),
      limits('go: "< 3%", rollback: "> 2%"')
        .replace('yaml rollout', 'yaml watch')
        .replace(/components:[^]*?stages: .*/, 'for: 1h'),
    ],
    good: [
      limits('go: "< 1%", rollback: "> 5%"'),
      limits('go: "< 2%", rollback: ">= 2%"'),
      limits('go: "> 95%", rollback: "< 90%"'),
      limits('go: "> 1%, < 3%", rollback: "> 3%, < 1%"'),
      limits('go: "p95 < 2s", rollback: "p99 > 1s"', 'histogram'),
      limits('rollback: "> 2%"'),
      checklist('- [ ] A\n  ```yaml watch\n  for: 1h\n  checks: [{ name: db, kind: tcp, host: db, port: 1 }]\n  ```\n'),
    ],
  },
  'longer-than-window': {
    bad: [windowed('from: "09:00", to: "16:00"', '8h'), windowed('from: "22:00", to: "02:00"', '5h')],
    good: [
      windowed('from: "09:00", to: "16:00"', '6h'),
      windowed('from: "22:00", to: "04:00"', '6h'),
      windowed('weekdays: mon-thu', '30h'),
      windowed('from: "09:00", to: "16:00"', '8h').replace('window: office', ''),
    ],
  },
  'repeated-looks': {
    bad: [judged('policy: mann-whitney', 'go: "< 1%"')],
    good: [judged('every: 30s', 'go: "< 1%"'), judged('policy: threshold', 'go: "< 1%"')],
  },
  'soak-too-short': {
    bad: [compared('5%, soak: 1h', 'traffic: 20/s')],
    good: [
      compared('5%, soak: 1h', 'traffic: 500/s'),
      compared('5%, soak: 1h', ''),
      compared('5%, soak: 1h, on-inconclusive: ask', 'traffic: 20/s'),
    ],
  },
  'one-request-decides': {
    bad: [
      judged('policy: threshold', 'rollback: "> 2%"'),
      judged('policy: threshold', 'rollback: "> 10%", min-samples: 9'),
      judged('policy: threshold', 'rollback: "< 98%"'),
    ],
    good: [
      judged('every: 30s', 'rollback: "> 2%"'),
      judged('policy: threshold', 'rollback: "> 2%", min-samples: 50'),
      judged('policy: threshold', 'rollback: "> 10%"'),
      judged('policy: threshold', 'rollback: "> 0%"'),
      judged('policy: threshold', 'rollback: "< 96%"'),
      judged('policy: threshold', 'rollback: "> 2%", dry-run: true'),
      judged('policy: threshold, allowed-failures: { consecutive: 2 }', 'rollback: "> 2%"'),
    ],
  },
  'ends-below-full': { bad: [rollout('x{ {{arm}} }', '', 50)], good: [rollout('x{ {{arm}} }')] },
}

describe('lint', () => {
  for (const code of lintCodes) {
    test.each(cases[code].bad.map((text, index) => [index + 1, text] as const))(
      `${code}: finds bad example %d`,
      (_, text) => {
        expect(codesOf(text).map((each) => each.split(':')[0])).toContain(code)
      },
    )
    test.each(cases[code].good.map((text, index) => [index + 1, text] as const))(
      `${code}: is silent about good example %d`,
      (_, text) => {
        expect(codesOf(text).map((each) => each.split(':')[0])).not.toContain(code)
        expect(errorsOf(text)).toEqual([])
      },
    )
  }

  test('says the line of the code, not of the block', () => {
    expect(codesOf(checklist('- [ ] A\n  ```sh check\n  true\n  tail -f app.log\n  ```\n'))).toEqual([
      'follow-without-bound:9',
    ])
  })

  test('a command whose end the block says is bounded', () => {
    const told = codesOf(script('check follow=10m', 'tail -f app.log')).map((each) => each.split(':')[0])
    expect(told).not.toContain('follow-without-bound')
  })

  test('only reads what runs: shell text that is documentation is not linted', () => {
    expect(codesOf(checklist('- [ ] A\n  ```sh\n  tail -f vX.Y.Z\n  ```\n'))).toEqual([])
  })

  test('a document that does not compile keeps its errors', () => {
    const { plan, problems } = lint(
      { file: 'a.md', bytes: new TextEncoder().encode(checklist('- [ ] A\n  ```sh chek\n  x\n  ```\n')), shared: null },
      testKinds,
    )
    expect(plan).toBeNull()
    expect(problems.map((problem) => problem.code)).toEqual(['unknown-word'])
  })
})
