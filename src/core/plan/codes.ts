/** Every code a document can be told. Stable: scripts and pages name them; docs/lint.md has a paragraph for each. */

export const errorCodes = [
  // The file
  'too-large',
  'not-text',
  'wrong-encoding',
  'too-deep',
  'unsupported-version',
  // YAML
  'yaml-syntax',
  'yaml-duplicate-key',
  'yaml-alias',
  'yaml-tag',
  'yaml-shape',
  // Fences
  'unknown-language',
  'unknown-word',
  'wrong-language',
  'bad-info-string',
  'fence-fell-out',
  'fence-not-parsed',
  'fence-not-closed',
  'fence-in-quote',
  'fence-outside-step',
  'fence-misplaced',
  // Settings
  'unknown-attribute',
  'duplicate-attribute',
  'missing-attribute',
  'conflicting-attributes',
  'bad-value',
  'bad-limit',
  'bad-pattern',
  'bad-query',
  'bad-condition',
  'bad-template',
  'bad-config',
  'empty-body',
  'retries-without-idempotent',
  // Names
  'unknown-kind',
  'unknown-source',
  'unknown-phase',
  'unknown-role',
  'unknown-window',
  'unknown-calendar',
  'bad-calendar',
  'unknown-channel',
  'unknown-environment',
  'unknown-component',
  'unknown-secret',
  'unknown-event',
  'unknown-variable',
  'unknown-metric',
  'unknown-query',
  'unknown-step',
  // Structure
  'duplicate-id',
  'two-main-blocks',
  'undo-without-run',
  'condition-cycle',
  'never-applies',
  'both-stage-forms',
  'stage-without-rollout',
  'rollout-without-stages',
  'stage-order',
  'stage-cannot-decide',
  'not-in-a-stage',
  'no-required-step',
  'too-many-dependencies',
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** Told while compiling, but the document still compiles. */
export const warningCodes = ['not-declared', 'duplicate-text', 'empty-phase'] as const
export type WarningCode = (typeof warningCodes)[number]

/** Told by `lint` on top: the document compiles, but a release with it would disappoint. */
export const lintCodes = [
  'undo-missing',
  'rollback-missing',
  'placeholder-left',
  'owner-missing',
  'secret-in-clear',
  'follow-without-bound',
  'interactive-command',
  'destructive-command',
  'unknown-value',
  'value-in-script',
  'lost-capture',
  'component-not-deployed',
  'metric-without-arm',
  'ends-below-full',
  'stage-unjudged',
  'contradictory-limits',
  'longer-than-window',
  'repeated-looks',
  'one-request-decides',
  'soak-too-short',
] as const
export type LintCode = (typeof lintCodes)[number]

/** Told by `lint` about the text of any document, also one that no checklist of ours is yet. */
export const textCodes = [
  // Commands
  'grep-finds-nothing',
  'reads-one-pod',
  'curl-without-fail',
  'failure-swallowed',
  'wrong-port',
  'sample-version',
  'unknown-flag',
  'required-flag-missing',
  'obsolete-command',
  'needs-another-system',
  'load-too-small',
  // Going forward and back
  'tag-created-twice',
  'tagged-after-release',
  'stage-without-shift',
  'mark-is-no-revert',
  'version-by-position',
  'rollback-other-target',
  'restores-nothing-saved',
  'sync-keeps-files',
  'rehearsal-missing',
  // Numbers and times
  'limits-disagree',
  'limits-gap',
  'metric-without-scope',
  'duration-disagrees',
  'signed-off-early',
  'date-in-the-past',
  // Words and structure
  'damaged-encoding',
  'pre-ticked',
  'box-is-a-field',
  'repeated-item',
  'duplicate-heading',
  'contents-out-of-date',
  'vague-branch',
  'call-without-token',
] as const
export type TextCode = (typeof textCodes)[number]
