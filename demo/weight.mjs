// Sets or reads the weight of the demo's proxy: what the `command` driver of the checklist runs.
const [, , word] = process.argv
const { HOLDPOINT_INPUT_ADMIN_URL: admin, HOLDPOINT_WEIGHT: weight, HOLDPOINT_EPOCH: epoch } = process.env
const address = `${admin}/weight`

const ask = async (init) => {
  const answer = await fetch(address, { ...init, signal: AbortSignal.timeout(3000) })
  const said = await answer.json()
  if (!answer.ok) throw new Error(`the proxy refused: ${said.error}`)
  return said
}

try {
  if (word === 'read') {
    console.log((await ask({})).percent)
  } else {
    // The epoch lets the proxy refuse an order of an engine that has been replaced.
    const body = JSON.stringify({ percent: word === 'restore' ? 0 : Number(weight), epoch: Number(epoch) })
    const { percent } = await ask({ method: 'PUT', body })
    console.log(`${percent} %`)
  }
} catch (error) {
  console.error(error.cause?.message ?? error.message)
  process.exitCode = 1
}
