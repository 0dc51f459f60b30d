/** What the web interface knows of the program: types of what travels, and nothing that runs. */
export type { Evidence } from '../../core/release/events.ts'
export type { SlackLinkAnswer, SlackUserAnswer } from './slack-answers.ts'
export type { StatusEntryAnswer } from './status-answers.ts'
export type { ReleaseSummary } from '../../core/ports/store.ts'
export type { Plan, StepPlan } from '../../core/plan/plan.ts'
export type { StreamItem, WireCommand } from '../client-types.ts'
export type {
  AskView,
  BarView,
  BaselineRowView,
  DecisionView,
  FactsView,
  KnownIssuesView,
  MetricView,
  MilestonesView,
  ObservedView,
  PhaseView,
  ReleaseView,
  RolloutView,
  RowsView,
  StepView,
  StepWord,
  Tally,
  MessageView,
  WaitingView,
  WatchRowView,
  WatchView,
} from '../../report/view.ts'
export type { ListChange, NumberedView, PhaseChange, ViewChange } from './view-change.ts'
export type { Chart, ChartColumns, ChartHarm, ChartLimit, ChartMetric, ChartSoak } from '../../report/chart/chart.ts'
export type { PlanAnswer, PlanPlace, PlanView } from './plan-shapes.ts'
export type { PlanInputView, PlanPhaseView, PlanStepView } from '../../report/plan-view.ts'
export type { WindowView } from '../../report/windows-view.ts'
export type { StartBody } from '../client-types.ts'
export type { Code } from './codes.ts'
export type { TargetView } from './target-shapes.ts'
export type { BoardAnswer, BoardLine, BoardWaiting, ReleasePerson, TimelineLine } from './board-shapes.ts'
export type * from './settings-answers.ts'
export type { Project, RegisteredChecklist } from '../../core/access/access.ts'
export type { LedgerRecord } from '../../core/ports/store.ts'
export type { Ladder, Rung } from '../../core/plan/ladder.ts'
export type { Problem } from '../../core/plan/plan.ts'
export type { Imported, ImportedItem } from '../../import/import.ts'
export type { ImportProblem } from '../../import/problems.ts'
export type { CopyWritten, EarlierDecisions, LintAnswer, PlanFacts, Preview, Survey } from '../../import/desk/jobs.ts'
export type { Difference } from '../../import/desk/difference.ts'
export type { ChecklistPast, ChecklistVersion } from '../checklist-history.ts'
export type { ChecklistAbout, MadeRelease } from './checklist-answers.ts'
export type { Debt } from '../../report/debt.ts'
export type { Readiness, ReadinessLine } from '../../report/readiness.ts'
export type { ToldFollowUp } from './follow-up-shapes.ts'
export type { Review } from '../reviews.ts'
export type { Drill, NeededRecord } from './record-shapes.ts'
export type { Schedule, ScheduleTime } from './schedule-shapes.ts'
export type * from './audit-answers.ts'
