/** Checklists of the chaos suite: every command tells the target who acts and under which epoch. */

/**
 * What commands of a checklist source: requests to the target in plain bash, because starting a program for each would
 * cost more than everything else. The file lies in the workspace of the server.
 */
export function targetScript(port: number): string {
  return [
    'ask() {',
    `  exec 3<>/dev/tcp/127.0.0.1/${port}`,
    '  printf \'GET %s HTTP/1.0\\r\\n\\r\\n\' "/$1?release=$HOLDPOINT_RELEASE&attempt=${HOLDPOINT_ATTEMPT// /+}&epoch=$HOLDPOINT_EPOCH&step=$2${3:-}" >&3',
    '  code=0; read -r _ code _ <&3 || true',
    '}',
    '# Exit 0 if the target took it.',
    'change() { ask "$@"; test "$code" = 200; }',
    '# Exit 0 done, 1 not done, 2 cannot tell: also for who is behind by now.',
    'probe() { ask probe "$1"; case $code in 200) exit 0;; 404) exit 1;; *) exit 2;; esac; }',
    'weight() { ask read "$1"; tail -1 <&3; }',
    '',
  ].join('\n')
}

function action(step: string, text: string): readonly string[] {
  return [
    `- [ ] ${text}`,
    '  ```sh run',
    `  # @id ${step}`,
    `  # @probe . ./target.sh; probe ${step}`,
    `  . ./target.sh; change apply ${step}`,
    '  ```',
    '  ```sh undo idempotent',
    `  . ./target.sh; change undo ${step}`,
    '  ```',
  ]
}

export interface Shape {
  readonly service: string
  /** The port of the target. */
  readonly port: number
  readonly isRolledOut?: boolean
}

/** What sections of a checklist can hold. */
export const parts = {
  check: ['- [ ] A check passes', '  ```sh check', '  test -n "$HOLDPOINT_RELEASE"', '  ```'],
  answer: ['- [ ] Is everybody there?'],
  wait: ['- [ ] Caches warm up', '  ```yaml wait', '  for: 1s', '  ```'],
  /** By ben or cleo, never by whoever started it. */
  approve: ['- [ ] The lead agrees', '  ```yaml approve', '  id: agree', '  role: lead', '  not: author', '  ```'],
  first: action('first', 'The first target is changed'),
  second: action('second', 'The second target is changed'),
  rollout: [
    '- [ ] Traffic moves',
    '  ```yaml rollout',
    '  components:',
    '    web:',
    '      traffic: command',
    '      set: \'. ./target.sh; change weight web "&percent=$HOLDPOINT_WEIGHT"\'',
    "      read: '. ./target.sh; weight web'",
    '      restore: \'. ./target.sh; change weight web "&percent=0"\'',
    '  stages:',
    '    - { weight: 50%, soak: 2s }',
    '    - { weight: 100%, soak: 1s, promote: lead }',
    '  judge:',
    '    every: 1s',
    '    metrics:',
    '      failures: { kind: gauge, query: shop_failures, go: "< 1", rollback: "> 5" }',
    '  ```',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Part = keyof typeof parts

export interface Shape {
  readonly service: string
  /** The port of the target. */
  readonly port: number
}

/** A section for each group of parts; all news go to the receiver of the target. */
export function releaseOf({ service, port }: Shape, ...sections: readonly (readonly Part[])[]): string {
  return [
    '---',
    'holdpoint: 1',
    'name: Chaos',
    `service: ${service}`,
    'roles: { lead: [ben, cleo, dan] }',
    `channels: { ops: { kind: webhook, url: "http://127.0.0.1:${port}/hook" } }`,
    `sources: { shop: { kind: scrape, url: "http://127.0.0.1:${port}/metrics" } }`,
    '---',
    '# Chaos',
    '',
    ...['release.closed', 'rollback.started', 'rollback.finished', 'step.unknown'].flatMap((on) => [
      `\`\`\`md notify on=${on} to=ops`,
      '```',
    ]),
    ...sections.flatMap((section, index) => [
      '',
      `## Part ${index + 1}`,
      '',
      ...section.flatMap((part) => parts[part]),
    ]),
    '',
  ].join('\n')
}

/** All that a release can hold, in some seconds: checks, a question, actions, a wait, an approval, a rollout with a judge. */
export function wholeRelease(shape: Shape & { readonly isRolledOut?: boolean }): string {
  const rollout: readonly (readonly Part[])[] = (shape.isRolledOut ?? true) ? [['rollout']] : []
  return releaseOf(shape, ['check', 'answer'], ['first', 'wait', 'approve', 'second'], ...rollout, ['check'])
}
