/** What was let through without a pass: somebody else looks at it within two days, and writes down what they found. */
import { useState } from 'preact/hooks'
import type { Review } from '../../../../src/api/wire/web.ts'
import { post, Refused } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment, Since, Until } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import type { Me } from '../../session.ts'
import { visible } from '../release/visible.ts'

export interface ToldReview extends Review {
  readonly overdue: boolean
}

interface ReviewsProps {
  readonly reviews: readonly ToldReview[]
  readonly onChanged: () => Promise<void>
  readonly me: Me
}

export function Reviews({ reviews, onChanged, me }: ReviewsProps) {
  const [closing, setClosing] = useState<ToldReview | null>(null)
  const open = reviews.filter(({ closed }) => closed === null)
  const closed = reviews.filter((review) => review.closed !== null)
  if (reviews.length === 0) return <NoReviews />
  return (
    <>
      {open.length === 0 && <p>Everything that was let through has been looked at.</p>}
      <ul class="reviews">
        {open.map((review) => (
          <li key={keyOf(review)} class={review.overdue ? 'is-overdue' : undefined}>
            <ReviewWords review={review} />
            <p class={review.overdue ? 'tone-bad' : 'hint'}>
              {review.overdue ? (
                <>
                  overdue for <Since at={review.due} />
                </>
              ) : (
                <>
                  due <Until at={review.due} />
                </>
              )}
            </p>
            {isOwn(review, me) ? (
              <p class="hint">You let this through: somebody else looks at it.</p>
            ) : (
              <button
                type="button"
                aria-label={`Close the review of: ${review.what}`}
                onClick={() => setClosing(review)}
              >
                Close the review
              </button>
            )}
          </li>
        ))}
      </ul>
      {closed.length > 0 && (
        <details class="closed">
          <summary>{closed.length} looked at</summary>
          <ul class="reviews">
            {closed.map((review) => (
              <li key={keyOf(review)}>
                <ReviewWords review={review} />
                {review.closed !== null && (
                  <p class="hint">
                    {visible(review.closed.by)}, <Moment at={review.closed.at} />: {visible(review.closed.note)}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
      {closing !== null && <CloseReview review={closing} onChanged={onChanged} onClose={() => setClosing(null)} />}
    </>
  )
}

function isOwn({ by, sentBy }: Review, me: Me): boolean {
  return me.id === by || me.id === sentBy
}

function keyOf({ release, version }: Review): string {
  return `${release} ${version}`
}

function ReviewWords({ review }: { readonly review: Review }) {
  return (
    <p>
      <b>{visible(review.by)}</b> {visible(review.what)} in{' '}
      <Link to={releasePath(review.release)}>{review.release}</Link>, <Moment at={review.at} />:{' '}
      <q>{visible(review.reason)}</q>
    </p>
  )
}

interface CloseReviewProps {
  readonly review: Review
  readonly onChanged: () => Promise<void>
  readonly onClose: () => void
}

function CloseReview({ review, onChanged, onClose }: CloseReviewProps) {
  const [note, setNote] = useState('')
  const send = async (): Promise<void> => {
    const path = `/v1/reviews/${encodeURIComponent(review.release)}/${review.version}/close`
    await post(path, { note: note.trim() }).catch((cause: unknown) => {
      throw cause instanceof Refused && cause.code === 'forbidden'
        ? new Error('Closing a review takes the role approver there, or one that a team made for signing.')
        : cause
    })
    await onChanged()
  }
  return (
    <ActDialog
      title="Close the review"
      action="Close it"
      onSend={send}
      onClose={onClose}
      lead={<ReviewLead review={review} />}
    >
      <Field label="What you looked at and found" value={note} onValue={setNote} lines={4} isFirst required />
    </ActDialog>
  )
}

function ReviewLead({ review }: { readonly review: Review }) {
  return (
    <>
      {visible(review.by)} {visible(review.what)}: “{visible(review.reason)}”. Somebody else says that this was right,
      or what was done about it.
    </>
  )
}

function NoReviews() {
  return (
    <section class="teach">
      <h2>Nothing was let through without a pass</h2>
      <p>
        When somebody waives a step, settles an unknown, amends a checklist or leaves a release as it is, somebody else
        looks at it within 48 hours and writes down what they found. Here, or in a terminal:
      </p>
      <pre tabIndex={0}>
        <code>holdpoint reviews</code>
      </pre>
    </section>
  )
}
