/** Settings of a report check: which there are, and which of them fit its format. */
import { z } from 'zod'
import { durationField } from '../parts/fields.ts'
import { severities } from './findings.ts'

export const formats = {
  junit: 'tests',
  lcov: 'coverage',
  cobertura: 'coverage',
  jacoco: 'coverage',
  sarif: 'findings',
  'npm-audit': 'findings',
  'pip-audit': 'findings',
  'cargo-audit': 'findings',
  trivy: 'findings',
  zap: 'findings',
  bandit: 'findings',
  licences: 'licences',
} as const

export type Format = keyof typeof formats

const percent = z
  .union([
    z.number().min(0).max(100),
    z.string().regex(/^(?:\d+(?:\.\d+)?|\{\{\s*[\w.]+\s*\}\})%$/, {
      error: 'expected a percentage such as 80%, or {{ input.coverage }}%',
    }),
  ])
  .optional()

const allowance = z.strictObject({
  id: z.string().min(1).describe('What the scanner calls it, or one of its other names; of licences the package'),
  reason: z.string().min(1).describe('Why it is accepted'),
  until: z.iso
    .date({ error: 'expected a day such as 2026-12-31' })
    .describe('Its last day; after it the finding counts again'),
})

export const settings = z
  .strictObject({
    format: z.enum(Object.keys(formats) as [Format, ...Format[]]).describe('Who wrote it'),
    path: z.string().min(1).describe("File, or files with *, relative to the checklist's folder"),
    'newer-than': durationField.optional().describe('The oldest file was written at most this long ago'),
    commit: z.string().min(1).optional().describe('Commit that the report must name (junit, sarif)'),
    'max-failures': z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe('Failures and errors that are still accepted (tests); 0 if nothing is said'),
    'max-skipped': z.number().int().nonnegative().optional().describe('Skipped tests that are still accepted'),
    'min-tests': z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Fewer tests than this are no proof; 1 if nothing is said'),
    lines: percent.describe('At least this much of all lines is covered: 80%, or of an input {{ input.coverage }}%'),
    branches: percent.describe('At least this much of all branches is covered'),
    'each-file': percent.describe('At least this much of the lines of every file is covered'),
    max: z
      .strictObject(
        Object.fromEntries(severities.map((severity) => [severity, z.number().int().nonnegative().optional()])),
      )
      .optional()
      .describe(
        'Findings of each severity that are still accepted; critical, high and unknown: 0 if nothing is said, others: any number',
      ),
    allow: z.array(allowance).optional().describe('Findings, or packages, that are accepted by name until a day'),
    licences: z.array(z.string().min(1)).min(1).optional().describe('SPDX names of the licences that may be used'),
  })
  .superRefine((given, context) => {
    const family = formats[given.format]
    for (const name of Object.keys(given).filter((each) => given[each as keyof typeof given] !== undefined)) {
      const fits = settingsOf[name]
      if (fits !== undefined && !fits.includes(family))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `expected it only for ${fits.join(' or ')}, and ${given.format} is about ${family}`,
        })
    }
    if (given.commit !== undefined && given.format !== 'junit' && given.format !== 'sarif')
      context.addIssue({
        code: 'custom',
        path: ['commit'],
        message: `expected newer-than instead: reports of ${given.format} name no commit`,
      })
    if (
      family === 'coverage' &&
      given.lines === undefined &&
      given.branches === undefined &&
      given['each-file'] === undefined
    )
      context.addIssue({ code: 'custom', path: ['lines'], message: 'expected a limit: lines, branches or each-file' })
    if (family === 'licences' && given.licences === undefined)
      context.addIssue({
        code: 'custom',
        path: ['licences'],
        message: 'expected the licences that may be used, such as [MIT, Apache-2.0]',
      })
  })

export type Settings = z.infer<typeof settings>

/** What is not named here fits every format. */
const settingsOf: Readonly<Record<string, readonly string[] | undefined>> = {
  'max-failures': ['tests'],
  'max-skipped': ['tests'],
  'min-tests': ['tests'],
  lines: ['coverage'],
  branches: ['coverage'],
  'each-file': ['coverage'],
  max: ['findings'],
  allow: ['findings', 'licences'],
  licences: ['licences'],
}
