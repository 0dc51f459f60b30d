/** The form of a start, drawn from what the checklist asks for; what is wrong stands beside its field. */
import { useRef, useState } from 'preact/hooks'
import type { PlanAnswer, PlanInputView, PlanPlace, PlanView } from '../../../../src/api/wire/web.ts'
import { post, Refused, wordsOf } from '../../api/ask.ts'
import { useDraft } from '../../parts/draft.ts'
import { Field } from '../../parts/field.tsx'
import { SignInAgain } from '../../parts/sign-in-again.tsx'
import { Link, releasePath } from '../../router.tsx'
import type { Checklist } from './checklist.ts'
import { Choices } from './choices.tsx'
import { HotfixFields } from './hotfix-fields.tsx'
import { When } from './when.tsx'
import {
  bodyOf,
  type Drill,
  drillIn,
  drillsOf,
  fieldOfRefusal,
  firstValues,
  type StartValues,
  type Troubles,
  troublesOf,
} from './start-values.ts'

interface StartFormProps {
  readonly checklist: Checklist
  readonly answer: PlanAnswer
  readonly plan: PlanView
  readonly onRehearsal: (isRehearsal: boolean) => void
  /** The places may have changed: somebody else was quicker. */
  readonly onLookAgain: () => void
  readonly onStarted: (release: string) => void
  /** It waits for its turn. */
  readonly onQueued: () => void
}

export function StartForm({ checklist, answer, plan, onRehearsal, onLookAgain, onStarted, onQueued }: StartFormProps) {
  const [values, change, forget] = useDraft<StartValues>(`start ${plan.digest}`, firstValues(answer, newKey()))
  const [isTried, setTried] = useState(false)
  const [refused, setRefused] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const set = (part: Partial<StartValues>): void => {
    setRefused(null)
    change((before) => ({ ...before, ...part }))
  }
  const known = troublesOf(values, answer)
  const troubles: Troubles = isTried ? { ...known, ...refusalOf(refused) } : refusalOf(refused)
  const showFirst = (): void => {
    requestAnimationFrame(() => {
      const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], .field.is-wrong input, .refusal')
      wrong?.scrollIntoView({ block: 'center' })
      wrong?.focus({ preventScroll: true })
    })
  }
  const send = async (): Promise<void> => {
    setSending(true)
    setRefused(null)
    try {
      const started = await post<{ kind: string; release: string }>(
        '/v1/releases',
        bodyOf(values, checklist, plan, answer.project),
      )
      forget()
      if (started.kind === 'queued') onQueued()
      else onStarted(started.release)
    } catch (cause) {
      setRefused(cause)
      if (cause instanceof Refused && cause.code === 'target-busy') onLookAgain()
      showFirst()
    } finally {
      setSending(false)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isSending) return
    setTried(true)
    if (Object.keys(known).length > 0) return showFirst()
    void send()
  }
  const place = answer.places.find(({ environment }) => environment === values.environment)
  const drill = drillIn(values, plan)
  const holdsNothing = values.rehearsal || drill !== null
  const loose = refused !== null && Object.keys(refusalOf(refused)).length === 0 ? refused : null
  return (
    <form class="start-form" onSubmit={submit} noValidate ref={form}>
      <Field
        label="Version"
        value={values.version}
        onValue={(version) => set({ version })}
        required={drill === null}
        isFirst
        hint={versionHint(plan, place, drill)}
        trouble={troubles['version'] ?? null}
      />
      <Where
        answer={answer}
        plan={plan}
        value={values.environment}
        onValue={(environment) => set({ environment, supersede: false, queue: false })}
        trouble={troubles['environment'] ?? null}
      />
      {place?.holder?.supersedable === true && !holdsNothing && (
        <label class="choice start-supersede">
          <input
            type="checkbox"
            checked={values.supersede}
            onChange={(event) => set({ supersede: event.currentTarget.checked })}
          />
          <span>
            End the watch of <Link to={releasePath(place.holder.release)}>{place.holder.version}</Link>, which has all
            traffic already
          </span>
        </label>
      )}
      {place !== undefined && isBusy(place) && !holdsNothing && (
        <label class="choice start-queue">
          <input
            type="checkbox"
            checked={values.queue}
            onChange={(event) => set({ queue: event.currentTarget.checked })}
          />
          <span>
            Stand in line, and begin when the turn comes
            {(place.line ?? 0) > 0 && <> ({place.line} before it)</>}. <Link to="/targets">Who is there</Link>
          </span>
        </label>
      )}
      {answer.projects.length > 1 && (
        <Choices
          label="Project"
          name="project"
          options={answer.projects.map((project) => ({ value: project, label: project }))}
          value={values.project}
          onValue={(project) => set({ project })}
          hint={`${plan.service} is new here. It will belong to this project.`}
          trouble={troubles['project'] ?? null}
        />
      )}
      {plan.inputs.map((input) => (
        <InputField
          key={input.name}
          input={input}
          value={values.inputs[input.name] ?? ''}
          onValue={(value) => set({ inputs: { ...values.inputs, [input.name]: value } })}
          trouble={troubles[`input ${input.name}`] ?? null}
        />
      ))}
      {place?.serving == null && (
        <Field
          label="Version before it"
          value={values.previous}
          onValue={(previous) => set({ previous })}
          trouble={troubles['previous'] ?? null}
          hint="Where a rollback goes back to; nobody has seen what runs there yet."
        />
      )}
      <Field
        label="Artefact"
        value={values.artefact}
        onValue={(artefact) => set({ artefact })}
        hint="What exactly is released, for example sha256:… of an image. Signatures cover it."
      />
      <HotfixFields values={values} troubles={troubles} onChange={set} />
      <Choices
        label="What happens"
        name="rehearsal"
        options={[
          { value: 'false', label: 'Release it', says: 'Actions run and traffic moves, as the checklist says.' },
          { value: 'true', label: 'Rehearse it', says: 'A dry run: checks and questions only, nothing is changed.' },
          {
            value: 'back',
            label: 'Rehearse the way back',
            says: 'For real: it is brought out, taken back at once, and the time that took is kept as a record.',
          },
          ...drillsOf(plan).map(({ id, title, environment }) => ({
            value: `drill ${id}`,
            label: `Drill: ${title}`,
            says: `Only this phase runs${environment === null ? '' : `, in ${environment}`}; its actions are real, and its records count.`,
          })),
        ]}
        value={values.andBack ? 'back' : drill === null ? String(values.rehearsal) : `drill ${drill.id}`}
        onValue={(value) => {
          const chosen = drillsOf(plan).find(({ id }) => value === `drill ${id}`) ?? null
          const environment = chosen?.environment ?? values.environment
          const andBack = value === 'back'
          set({
            rehearsal: value === 'true',
            andBack,
            drill: chosen?.id ?? '',
            environment,
            supersede: false,
            queue: false,
          })
          onRehearsal(value === 'true')
        }}
      />
      <When plan={plan} values={values} troubles={troubles} onChange={set} />
      {plan.dangers.length > 0 && !holdsNothing && (
        <p class="start-dangers">
          {plan.dangers.length === 1 ? 'One action asks' : `${plan.dangers.length} actions ask`} two people, or cannot
          simply be taken back: <a href="#plan">read what it would do</a>.
        </p>
      )}
      <div role="alert">{loose !== null && <p class="refusal">{wordsOf(loose)}</p>}</div>
      {loose instanceof Refused && loose.code === 'sign-in-required' ? (
        <SignInAgain action="Sign in and start" onSignedIn={() => void send()} />
      ) : (
        <div class="start-ends">
          <button type="submit" class="primary" aria-disabled={isSending}>
            {actionWords(values, plan, drill)}
          </button>
        </div>
      )}
    </form>
  )
}

function versionHint({ service }: PlanView, place: PlanPlace | undefined, drill: Drill | null): string | undefined {
  if (drill !== null) return `A drill releases nothing: without a version it goes by “${drill.id}”.`
  return place?.serving == null ? undefined : `${service} ${place.serving} runs in ${place.environment} now.`
}

function isBusy({ holder, line = 0 }: PlanPlace): boolean {
  return holder !== null || line > 0
}

function actionWords(
  { version, environment, rehearsal, andBack, queue }: StartValues,
  { service }: PlanView,
  drill: Drill | null,
): string {
  const what = [service, version.trim()].filter(Boolean).join(' ')
  if (drill !== null) return `Drill “${drill.title}”${environment === '' ? '' : ` in ${environment}`}`
  if (andBack) return `Rehearse the way back from ${what}${environment === '' ? '' : ` in ${environment}`}`
  if (queue && !rehearsal) return `Put ${what} in line for ${environment}`
  return `${rehearsal ? 'Rehearse' : 'Release'} ${what}${environment === '' ? '' : ` to ${environment}`}`
}

function refusalOf(refused: unknown): Troubles {
  if (!(refused instanceof Refused)) return {}
  const field = fieldOfRefusal(refused.code, refused.message)
  return field === null ? {} : { [field]: refused.message }
}

/** Browsers have no `randomUUID` on pages without TLS. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

interface WhereProps {
  readonly answer: PlanAnswer
  readonly plan: PlanView
  readonly value: string
  readonly onValue: (value: string) => void
  readonly trouble: string | null
}

function Where({ answer, plan, value, onValue, trouble }: WhereProps) {
  if (answer.anyEnvironment && answer.places.length <= 1)
    return (
      <Field
        label="Environment"
        value={value}
        onValue={onValue}
        required
        hint="This checklist names none; for example staging"
        trouble={trouble}
      />
    )
  return (
    <Choices
      label="Environment"
      name="environment"
      options={answer.places.map((place) => ({
        value: place.environment,
        label: place.environment,
        tag: place.protected ? 'protected' : undefined,
        says: placeWords(place, plan),
      }))}
      value={value}
      onValue={onValue}
      trouble={trouble}
    />
  )
}

function placeWords({ environment, refused, serving, holder, line = 0 }: PlanPlace, plan: PlanView): string {
  const barred = plan.environments.find(({ name }) => name === environment)?.barred ?? null
  if (refused !== null || barred !== null) return refused ?? barred ?? ''
  const waiting = line === 0 ? '' : `; ${line} in line`
  if (holder !== null) return `${holder.version} is on its way there (${holder.phase})${waiting}`
  return serving === null ? 'free' : `free; ${serving} runs there`
}

function wordOf(value: string, type: PlanInputView['type']): string {
  if (type !== 'boolean') return value
  return value === 'true' ? 'yes' : 'no'
}

interface InputFieldProps {
  readonly input: PlanInputView
  readonly value: string
  readonly onValue: (value: string) => void
  readonly trouble: string | null
}

function InputField({ input, value, onValue, trouble }: InputFieldProps) {
  const { name, type, options, required, description } = input
  const usual = input.default === null ? '' : `usually ${wordOf(String(input.default), type)}`
  const hint = [description ?? '', usual].filter(Boolean).join(' · ')
  const chosen = type === 'boolean' ? ['true', 'false'] : options
  if (chosen !== null)
    return (
      <Choices
        label={name}
        name={`input ${name}`}
        options={[
          ...(required || input.default !== null ? [] : [{ value: '', label: 'not given' }]),
          ...chosen.map((option) => ({
            value: option,
            label: wordOf(option, type),
          })),
        ]}
        value={value}
        onValue={onValue}
        hint={hint === '' ? undefined : hint}
        trouble={trouble}
        isRequired={required || input.default !== null}
      />
    )
  return (
    <Field
      label={name}
      value={value}
      onValue={onValue}
      required={required}
      hint={hint === '' ? undefined : hint}
      inputMode={type === 'number' ? 'decimal' : 'text'}
      trouble={trouble}
    />
  )
}
