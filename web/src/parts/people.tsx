/** The people of a release: whom a note can mention, and where a text mentions them. */
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { ReleasePerson } from '../../../src/api/wire/web.ts'
import { get } from '../api/ask.ts'
import { mentionsIn } from './mentions.ts'

const NOBODY: readonly ReleasePerson[] = []

const People = createContext<readonly ReleasePerson[]>(NOBODY)

export const PeopleOf = People.Provider

export function usePeople(): readonly ReleasePerson[] {
  return useContext(People)
}

/** Asked once for a page; without an answer a name is written like any other word. */
export function usePeopleOf(release: string): readonly ReleasePerson[] {
  const [people, setPeople] = useState(NOBODY)
  useEffect(() => {
    const gone = new AbortController()
    get<readonly ReleasePerson[]>(`/v1/releases/${encodeURIComponent(release)}/people`, gone.signal).then(
      setPeople,
      () => {},
    )
    return () => gone.abort()
  }, [release])
  return people
}

/** A sentence with its mentions marked; the text itself stays as it was written. */
export function Said({ text }: { readonly text: string }) {
  const people = usePeople()
  return (
    <>
      {mentionsIn(text, people).map(({ words, person }, at) =>
        person === null ? (
          words
        ) : (
          <span key={at} class="mention" title={person.name}>
            {words}
          </span>
        ),
      )}
    </>
  )
}
