/** The first administrator of a server, by the link that the server printed when it started. */
import { useEffect, useState } from 'preact/hooks'
import { post } from '../api/ask.ts'
import { Door, keyInAddress } from '../parts/door.tsx'
import { Field } from '../parts/field.tsx'
import { go } from '../router.tsx'
import { signedIn } from '../session.ts'

export function SetUp() {
  const [key] = useState(keyInAddress)
  const [values, setValues] = useState({ organisation: '', project: '', person: '', name: '', email: '', password: '' })
  const set = (name: keyof typeof values) => (value: string) => setValues((before) => ({ ...before, [name]: value }))
  useEffect(() => {
    document.title = 'Set up · Holdpoint'
  }, [])
  if (key === '') return <LinkNeeded />
  const send = async (): Promise<void> => {
    const email = values.email.trim() === '' ? null : values.email.trim()
    const name = values.name.trim() === '' ? values.person : values.name.trim()
    await post('/v1/setup', { ...values, key, name, email, as: 'cookie' })
    signedIn()
    go('/', { instead: true })
  }
  const names = 'Lower-case letters, digits and . _ @ + -'
  return (
    <Door
      title="Set this server up"
      lead="You become its first administrator. Everybody else is invited by you."
      action="Begin"
      onSend={send}
    >
      <Field
        label="Your name here"
        hint={names}
        value={values.person}
        onValue={set('person')}
        required
        isFirst
        autocomplete="username"
      />
      <Field label="Your full name" value={values.name} onValue={set('name')} autocomplete="name" />
      <Field label="E-mail" type="email" value={values.email} onValue={set('email')} autocomplete="email" />
      <Field
        label="Password"
        type="password"
        hint="At least 12 characters; a sentence is easy to remember."
        value={values.password}
        onValue={set('password')}
        autocomplete="new-password"
        required
      />
      <Field
        label="Organisation"
        hint={`${names}; for example acme`}
        value={values.organisation}
        onValue={set('organisation')}
        required
      />
      <Field label="First project" hint="For example shop" value={values.project} onValue={set('project')} required />
    </Door>
  )
}

function LinkNeeded() {
  return (
    <main class="door" id="main">
      <p class="brand">Holdpoint</p>
      <h1>Open the whole link</h1>
      <p class="lead">
        The server prints a link that ends with a key, <code>/setup#hpx_…</code>, when it starts without an
        administrator. A restart prints a new one.
      </p>
    </main>
  )
}
