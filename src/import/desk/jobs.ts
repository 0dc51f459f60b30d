/** What is asked about documents, and what comes back: plain data that can go to a thread and over the wire. */
import type { Ladder, Rung } from '../../core/plan/ladder.ts'
import type { RecordNeed } from '../../core/plan/record-needs.ts'
import type { Problem } from '../../core/plan/plan.ts'
import type { Decisions } from '../decisions.ts'
import type { Accepted, LeftOut } from '../copy.ts'
import type { Imported } from '../import.ts'
import type { Fix } from '../lint/fix.ts'
import type { Difference } from './difference.ts'

export interface SharedSettings {
  readonly file: string
  readonly text: string
}

/** `today` is the day of the reader, `2030-01-31`; null = nothing is called past. */
export interface PreviewJob {
  readonly file: string
  readonly bytes: Uint8Array
  /** Mend a damaged encoding. */
  readonly repair: boolean
  /** A copy that importing wrote before: what was decided then is found again. null = there is none. */
  readonly earlier: string | null
  readonly today: string | null
}

export interface Preview {
  readonly imported: Imported
  /** `73 items: 31 can run, …`. */
  readonly coverageLine: string
  /** null = none was given; `unknown` = what was given is no copy that importing wrote. */
  readonly earlier: null | 'unknown' | EarlierDecisions
  /** Places of items whose proposal asks people: a signature, values, an answer, a record. */
  readonly asks: readonly number[]
  /** The document has front matter of its own. */
  readonly hasFrontMatter: boolean
}

export interface EarlierDecisions extends Pick<Decisions, 'accepted' | 'lost' | 'extra' | 'isChanged'> {
  readonly skipped: readonly number[]
}

export interface CopyJob extends PreviewJob {
  /** Name of the copy. */
  readonly out: string
  /** By place in `imported.items`. */
  readonly accepted: readonly Accepted[]
  readonly skipped: readonly number[]
  /** Lines for a front matter that importing makes, such as `service: checkout`. */
  readonly extra: readonly string[]
  readonly shared: SharedSettings | null
  /** Calendar files beside it; absent = none. */
  readonly calendars?: readonly SharedSettings[]
}

export interface CopyWritten {
  /** null = the document cannot become a checklist; `problems` say why. */
  readonly text: string | null
  readonly written: readonly Accepted[]
  readonly leftOut: readonly LeftOut[]
  /** Errors that the document has by itself, or what lint says of the copy. */
  readonly problems: readonly Problem[]
  readonly plan: PlanFacts | null
  /** What the copy has more than the document. */
  readonly difference: readonly Difference[]
  /** What is left when our blocks are taken out again. */
  readonly restored: { readonly sha256: string; readonly isSame: boolean } | null
}

export interface PlanFacts {
  readonly digest: string
  readonly name: string
  readonly service: string
  readonly environments: readonly { readonly name: string; readonly protected: boolean }[]
  readonly ladder: Ladder
}

export interface LintJob {
  readonly file: string
  readonly bytes: Uint8Array
  readonly shared: SharedSettings | null
  /** Calendar files beside it; absent = none. */
  readonly calendars?: readonly SharedSettings[]
  /** Mend what needs no decision. */
  readonly fix: boolean
  readonly today: string | null
}

export interface LintAnswer {
  readonly problems: readonly Problem[]
  /** It says `holdpoint: 1`. */
  readonly declared: boolean
  readonly plan: PlanFacts | null
  readonly fixed: readonly Fix[]
  /** The mended document; null = nothing was mended. */
  readonly text: string | null
}

export interface SurveyJob {
  readonly file: string
  readonly bytes: Uint8Array
  readonly shared: SharedSettings | null
  /** Absent = it names none. */
  readonly calendars?: readonly SharedSettings[]
  readonly today: string | null
}

/** A checklist at a glance. */
export interface Survey {
  readonly plan: PlanFacts | null
  readonly problems: readonly Problem[]
  readonly coverageLine: string
  readonly phases: readonly SurveyedPhase[]
  readonly needs: readonly RecordNeed[]
}

export interface SurveyedPhase {
  readonly title: string
  readonly kind: string
  readonly steps: readonly {
    readonly id: string
    readonly text: string
    readonly line: number
    /** null = it only holds other steps. */
    readonly rung: Rung | null
    readonly word: string
    readonly danger: boolean
  }[]
}

/** Everything that is asked, by its name. */
export interface Desk {
  preview(job: PreviewJob): Preview
  copy(job: CopyJob): CopyWritten
  lint(job: LintJob): LintAnswer
  survey(job: SurveyJob): Survey
}
