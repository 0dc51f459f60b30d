/** The port to the process that starts commands and outlives the engine. */
import type { Instant, Millis } from '../units.ts'

/** Where a command belongs, for launchers that hand it to a worker in another network. */
export interface CommandPlace {
  /** What is released: says whose command it is. */
  readonly service: string
  /** Of the phase, else of the release. */
  readonly environment: string
  /** Labels that a worker must have, all of them; empty = any worker of the environment. */
  readonly labels: readonly string[]
  /** Below the folder of the release: `scripts`, or '' for the folder itself. On a worker it lies below that one's workspace. */
  readonly folder: string
  /** Names under `env:` in the checklist: a worker adds the values of its own environment. */
  readonly environmentNames: readonly string[]
  /** It leads the way back: nothing may hold it up. */
  readonly isUrgent: boolean
}

/** How long a command that does not end by itself is followed, and what of its output is enough. */
export interface Following {
  /** From its start; then it is stopped. */
  readonly forMs: Millis
  /** Patterns (RE2), looked for in each line of both outputs, redacted: once each was found it is stopped. Empty = nothing there is enough. */
  readonly until: readonly string[]
  /** It is stopped at the first line in which one of these is found. */
  readonly never: readonly string[]
}

/** What was seen of a command that was followed. */
export interface Followed {
  /** Lines that are not empty, of both outputs, until it was stopped. */
  readonly lines: number
  /** The first line in which each pattern was found, by its source, cut at 500 characters. */
  readonly found: Readonly<Record<string, string>>
}

export interface CommandRequest {
  /** Attempt id: at most one process tree is ever started for it. */
  readonly attempt: string
  readonly shell: string
  readonly script: string
  readonly cwd: string
  /** Complete environment besides what the launcher itself adds (HOLDPOINT_TMP, HOLDPOINT_OUTPUT, HOLDPOINT_ATTEMPT, HOLDPOINT_EPOCH, PATH, HOME, LANG, TZ). */
  readonly env: Readonly<Record<string, string>>
  /** Names of secrets; the launcher resolves them at start and redacts their values in all output. */
  readonly secrets: Readonly<
    Record<
      string,
      { readonly from: 'env' | 'command'; readonly name: string } | { readonly from: 'file'; readonly path: string }
    >
  >
  readonly epoch: number
  readonly timeoutMs: Millis
  /** Kept output per stream; more is cut in the middle and marked. */
  readonly outputCapBytes: number
  /** `read` = changes nothing, so a lost attempt is simply tried again and the claim need not survive a power cut. Absent means `change`. */
  readonly effect?: 'read' | 'change'
  /** Absent = it ends by itself. A launcher or worker that is older than this ends it at its time limit. */
  readonly follow?: Following
  /** Absent = it runs where the launcher is. */
  readonly place?: CommandPlace
}

/** Told now and then what becomes of a command that has no output yet, in words; never recorded. */
export type Telling = (say: string) => void

export interface CommandResult {
  /** `followed` = it was to be followed, and was stopped because its time was over or enough was seen. `lost` = the launcher has no memory of how it ended: the attempt is unknown. */
  readonly ended: 'exit' | 'followed' | 'timeout' | 'cancelled' | 'not-started' | 'lost'
  /** Present when it was followed, however it ended. */
  readonly followed?: Followed
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly truncated: boolean
  /** `name=value` lines from $HOLDPOINT_OUTPUT. */
  readonly output: Readonly<Record<string, string>>
  readonly startedAt: Instant
  readonly endedAt: Instant
  /** Why it was not started (`no such folder`, `secret TOKEN is not available`), in words. */
  readonly why: string | null
}

export interface Launcher {
  /** Starts, or re-attaches to an attempt already started, and resolves when it has ended. */
  run(request: CommandRequest, tell?: Telling): Promise<CommandResult>
  /**
   * Re-attaches to an attempt of an engine that is gone; null = this launcher never heard of it, and never starts it
   * from now on: the asker takes it for lost, so an engine that wakes up late must not start it behind its back.
   */
  attach(attempt: string, tell?: Telling): Promise<CommandResult | null>
  /** SIGTERM, grace, SIGKILL to the whole tree. Resolves when nothing of it is alive; what was never started never will be. */
  cancel(attempt: string): Promise<void>
  /** The result was recorded: the spool may go. */
  forget(attempt: string): Promise<void>
  /** Output so far, redacted, for a live view. */
  peek(attempt: string): Promise<string>
  /** Puts secret values from a client's environment into the launcher's memory (never on disk). */
  lend(secrets: Readonly<Record<string, string>>): Promise<void>
  /** Whether such a command runs on another machine, whose folders cannot be looked into here. Absent = never. */
  isElsewhere?(place: CommandPlace): boolean
}
