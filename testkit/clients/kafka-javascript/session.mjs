#!/usr/bin/env node
// Produces numbered records until it has logged in so often: `<settings.properties> <topic> <logins>`. The last line
// of the output is JSON: how many records were delivered, what went wrong, how often it connected, lost a connection
// and logged in. The settings are librdkafka's.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import ckjs from '@confluentinc/kafka-javascript'

const LIMIT_MS = 50_000 // the caller waits a minute

const [settings, topic, logins] = process.argv.slice(2)
const lines = readFileSync(settings, 'utf8').split('\n').filter(line => line.trim())
const producer = new ckjs.Producer({
  ...Object.fromEntries(lines.map(line => line.trim().split(/=(.*)/s, 2))),
  'statistics.interval.ms': 100,
  dr_cb: true
})

let brokers = {}
let delivered = 0
const failed = []
const errors = []
producer.on('event.stats', ({ message }) => { Object.assign(brokers, JSON.parse(message).brokers) })
producer.on('event.error', error => errors.push(String(error.message)))
producer.on('delivery-report', error => { if (error) failed.push(String(error.message)); else delivered++ })

const total = count => Object.values(brokers).reduce((sum, broker) => sum + count(broker), 0)
const requests = broker => broker.req.SaslHandshake ?? 0

await new Promise((resolve, reject) => producer.connect({ timeout: 20_000 }, error => (error ? reject(error) : resolve())))
producer.setPollInterval(20)
const deadline = Date.now() + LIMIT_MS
let sent = 0
let last = Infinity
while (sent < last && Date.now() < deadline) {
  producer.produce(topic, null, Buffer.from(String(sent++)))
  await wait(20)
  if (last === Infinity && total(requests) >= Number(logins)) last = sent + 20
}
const left = await new Promise(resolve => producer.flush(20_000, error => resolve(error ? 1 : 0)))
await wait(300) // the last statistics
const ended = { connects: total(broker => broker.connects), disconnects: total(broker => broker.disconnects), logins: total(requests) }
// Its threads would crash while the process exits; one that hangs is not waited for.
await Promise.race([new Promise(resolve => producer.disconnect(resolve)), wait(5000)])
console.log(JSON.stringify({
  sent,
  delivered,
  left,
  failed,
  errors,
  ...ended
}))
process.exit(0) // no wait for the threads of a client that hangs
