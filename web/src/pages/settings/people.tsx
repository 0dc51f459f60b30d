/** People: who there is, what they may do where, when they were last here; one more, a role, a new link, no more. */
import { useState } from 'preact/hooks'
import type { PeopleAnswer, PersonAnswer, ProjectAnswer, RoleAnswer } from '../../../../src/api/wire/web.ts'
import { get, post, wordsOf } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { SecretOnce } from '../../parts/secret-once.tsx'
import { Since } from '../../parts/time.tsx'
import type { Me } from '../../session.ts'
import { Holder } from './holder.tsx'
import { managesAll } from './manages.ts'
import { atWords, grantKey, placeIn, placeOptions, placeWords } from './words.ts'

const PAGE = 200

interface Invited {
  readonly person: string
  readonly invitation: string | null
}

export function People({ me }: { readonly me: Me }) {
  const { people, next, why, more, again } = usePeople()
  const projects = useAnswer<readonly ProjectAnswer[]>('/v1/projects')
  const roles = useAnswer<readonly RoleAnswer[]>('/v1/roles')
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const [isAdding, setAdding] = useState(false)
  const [link, setLink] = useState<Invited | null>(null)
  const places = placeOptions(projects.value ?? [], managesAll(me, 'people.manage'))
  const found = people?.filter((person) => fits(person, words)) ?? []
  const person = people?.find(({ id }) => id === chosen)
  return (
    <>
      <header class="part-head">
        <h1>People</h1>
        <input
          type="search"
          placeholder="Search"
          aria-label="Search people"
          value={words}
          onInput={(event) => {
            setWords(event.currentTarget.value)
            if (next !== null) void more(true)
          }}
        />
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add a person
        </button>
      </header>
      <ul class="entries" aria-label="People">
        {found.map((each) => (
          <li key={each.id} class={`person${each.disabled ? ' is-off' : ''}`}>
            <span>
              <button type="button" class="plain name" onClick={() => setChosen(each.id)}>
                {each.name}
              </button>{' '}
              <span class="aside-words">
                {[each.name === each.id ? '' : each.id, each.email ?? '', each.disabled ? 'disabled' : '']
                  .filter((part) => part !== '')
                  .join(', ')}
              </span>
            </span>
            <span class="chips">
              {each.grants.map((grant) => (
                <span class="chip" key={grantKey(grant)}>
                  {grant.role} <span class="aside-words">{atWords(grant.place)}</span>
                </span>
              ))}
              {each.grants.length === 0 && <span class="aside-words">no role</span>}
            </span>
            <span class="aside-words seen">
              {each.lastSeen === null ? (
                'never here'
              ) : (
                <>
                  seen <Since at={each.lastSeen} /> ago
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {people !== null && found.length === 0 && <p class="none">Nobody has “{words}” in their name.</p>}
      {next !== null && words === '' && (
        <button type="button" onClick={() => void more(false)}>
          Show more
        </button>
      )}
      <p class="trouble" role="alert">
        {why ?? projects.why}
      </p>
      {person !== undefined && (
        <Holder
          holder={{ ...person, title: person.name, isPerson: true }}
          roles={roles.value?.filter(({ machines }) => !machines) ?? []}
          places={places}
          onChanged={again}
          onLink={setLink}
          onClose={() => setChosen(null)}
        />
      )}
      {isAdding && <AddPerson places={places} onAdded={again} onLink={setLink} onClose={() => setAdding(false)} />}
      {link?.invitation != null && (
        <SecretOnce
          title={`A link for ${link.person}`}
          lead={`Send this to ${link.person} and to nobody else. It works once, within three days, and lets them choose a password.`}
          secret={`${location.origin}/welcome#${link.invitation}`}
          onClose={() => setLink(null)}
        />
      )}
    </>
  )
}

function fits({ id, name, email, grants }: PersonAnswer, words: string): boolean {
  const text = [id, name, email ?? '', ...grants.map(({ role, place }) => `${role} ${placeWords(place)}`)].join(' ')
  return text.toLowerCase().includes(words.trim().toLowerCase())
}

/** Page by page; a search asks for all of them. */
function usePeople() {
  const [state, setState] = useState<{ readonly people: readonly PersonAnswer[]; readonly next: string | null }>({
    people: [],
    next: null,
  })
  const first = useAnswer<PeopleAnswer>(`/v1/people?limit=${PAGE}`)
  const [why, setWhy] = useState<string | null>(null)
  const base = first.value
  const people = base === null ? null : [...base.people, ...state.people]
  const next = state.people.length > 0 || state.next !== null ? state.next : (base?.next ?? null)
  const more = async (isAll: boolean): Promise<void> => {
    let after: string | null = next
    let added = state.people
    try {
      while (after !== null) {
        const page: PeopleAnswer = await get(`/v1/people?limit=${PAGE}&after=${encodeURIComponent(after)}`)
        added = [...added, ...page.people]
        after = page.next
        if (!isAll) break
      }
      setState({ people: added, next: after })
    } catch (cause) {
      setWhy(wordsOf(cause))
    }
  }
  const again = async (): Promise<void> => {
    setState({ people: [], next: null })
    await first.again()
  }
  return { people, next, why: why ?? first.why, more, again }
}

interface AddPersonProps {
  readonly places: readonly { readonly value: string; readonly words: string }[]
  readonly onAdded: () => Promise<void>
  readonly onLink: (link: Invited) => void
  readonly onClose: () => void
}

function AddPerson({ places, onAdded, onLink, onClose }: AddPersonProps) {
  const [person, setPerson] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [place, setPlace] = useState(places[0]?.value ?? 'everywhere')
  return (
    <ActDialog
      title="Add a person"
      lead="They come in as a viewer of one place; more roles come after. You get a link for them to choose a password."
      action="Add"
      onSend={async () => {
        const body = { person: person.trim(), name: name.trim() || person.trim(), email: email.trim() || null }
        onLink(await post<Invited>('/v1/people', { ...body, place: placeIn(place) }))
        await onAdded()
      }}
      onClose={onClose}
    >
      <Field
        label="Name to sign in with"
        hint="Lower-case letters, digits and . _ @ + -, for example ana. It stays for ever: records name people by it."
        value={person}
        onValue={setPerson}
        required
        isFirst
      />
      <Field label="Full name" value={name} onValue={setName} />
      <Field label="E-mail" hint="To find them by; nothing is sent." type="email" value={email} onValue={setEmail} />
      <Choice label="Viewer of" value={place} onValue={setPlace} options={places} />
    </ActDialog>
  )
}
