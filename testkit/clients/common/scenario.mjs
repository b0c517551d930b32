// What the Node clients share: the records they send, how they are checked, and how a scenario runs.
import { isDeepStrictEqual } from 'node:util'
import net from 'node:net'

export const PARTITIONS = [0, 1, 2]
const RUN_SECONDS = 55 // below the 60 s that a scenario may take, so that the reason comes from here

const seen = new Set()

/** Notes a broker address that the client learned or connected to. */
export const saw = (host, port) => seen.add(`${host}:${port}`)

// Every address this process connects to, whatever response it was learned from.
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const [{ host, port }] = Array.isArray(args[0]) ? args[0] : args
  saw(host, port)
  return connect.apply(this, args)
}

class Skip extends Error {}

/** A scenario that the client has no means for. */
export const cannot = reason => () => {
  throw new Skip(reason)
}

/** Records start..start+count-1, spread over the partitions; every fiftieth is a tombstone. */
export const records = (start, count) =>
  Array.from({ length: count }, (_, n) => start + n).map(i => ({
    partition: i % PARTITIONS.length,
    key: `key-${i}`,
    value: i % 50 === 7 ? null : `värde ${i} ${'x'.repeat(i % 300)}`,
    headers: { n: String(i), empty: '' }
  }))

/** A received record in the shape of those sent. */
export const received = (partition, key, value, headers) => ({
  partition,
  key: String(key),
  value: value == null ? null : String(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, String(content)]))
})

export function check(condition, reason) {
  if (!condition) throw new Error(reason)
}

const show = value => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v))

export const checkEqual = (what, got, wanted) =>
  check(isDeepStrictEqual(got, wanted), `${what}: wanted ${show(wanted)}, got ${show(got)}`)

/** Both hold the same records, and each partition has them in the order they were sent. */
export function checkRecords(got, wanted) {
  checkEqual('number of records', got.length, wanted.length)
  for (const p of PARTITIONS) {
    const sent = wanted.filter(r => r.partition === p)
    got.filter(r => r.partition === p).forEach((r, i) => checkEqual(`record ${i} of partition ${p}`, r, sent[i]))
  }
}

/** Calls condition until it answers something true, and returns that. */
export async function awaitUntil(what, condition, seconds = 20) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    const answer = await condition()
    if (answer) return answer
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`not within ${seconds} s: ${what}`)
}

/** Runs the scenario named on the command line: `<bootstrap> <unique-name> <scenario>`, then what closes its clients. */
export async function run(scenarios, close = () => {}) {
  const [bootstrap, name, scenario] = process.argv.slice(2)
  if (!scenario) finish(2, `usage: <bootstrap> <unique-name> <${Object.keys(scenarios).join('|')}>`)
  setTimeout(() => finish(1, `still running after ${RUN_SECONDS} s`), RUN_SECONDS * 1000)
  process.on('unhandledRejection', fail)
  process.on('uncaughtException', fail)
  try {
    check(scenarios[scenario], `no scenario '${scenario}'; there are ${Object.keys(scenarios).join(' ')}`)
    await scenarios[scenario](bootstrap, name)
    await close()
    finish(0)
  } catch (error) {
    fail(error)
  }
}

function fail(error) {
  if (error instanceof Skip) {
    console.log(`SKIP: ${error.message}`)
    finish(77)
  }
  let cause = error
  while (cause?.errors?.length) cause = cause.errors[0]
  console.error(cause)
  finish(1, `${error?.name}: ${error?.message}${cause === error ? '' : `: ${cause.name}: ${cause.message}`}`)
}

function finish(code, reason) {
  console.log(['brokers:', ...[...seen].sort()].join(' '))
  if (reason) console.error(reason)
  process.exit(code) // no wait for what a client leaves open
}
