#!/usr/bin/env node
// @confluentinc/kafka-javascript: a recent librdkafka, which knows the KIP-848 group protocol.
import ckjs from '@confluentinc/kafka-javascript'
import { PARTITIONS, awaitUntil, check, checkEqual, checkRecords, received, records, run, saw } from '../common/scenario.mjs'

const { KafkaJS, KafkaConsumer } = ckjs
const { ConsumerGroupTypes, Kafka } = KafkaJS

/** The statistics name every broker, coordinators too; those learned from a response have a node id. */
function noteStats({ message }) {
  for (const { nodeid, source, nodename } of Object.values(JSON.parse(message).brokers)) {
    const [host, port] = [nodename.replace(/:\d*$/, ''), nodename.split(':').at(-1)]
    if ((nodeid >= 0 || source === 'logical') && Number(port)) saw(host, port)
  }
}

const config = (bootstrap, more = {}) => ({
  'bootstrap.servers': bootstrap,
  'client.id': 'kafka-javascript',
  'log_level': 3,
  'statistics.interval.ms': 200,
  ...more
})

const connect = bootstrap => new Kafka(config(bootstrap, { stats_cb: noteStats }))

const opened = new Set()

async function started(client) {
  await client.connect()
  opened.add(client)
  return client
}

// The threads of a client that is still connected run on while the process exits, and into memory that the exit handlers
// have given back: SIGSEGV, at brokers and gateways alike. So whoever succeeds disconnects everything first.
async function disconnectAll() {
  for (const client of opened) await client.disconnect()
}

const producer = (kafka, options = {}) => started(kafka.producer(options))

/** Runs body with a topic of three partitions, which is deleted afterwards. */
async function withTopic(bootstrap, topic, body) {
  const kafka = connect(bootstrap)
  const admin = await started(kafka.admin())
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS.length, replicationFactor: 1 }] })
  try {
    const described = () => admin.fetchTopicMetadata({ topics: [topic] }).catch(() => [{ partitions: [] }])
    const [{ partitions }] = await awaitUntil(`${topic} in metadata`, async () => {
      const answer = await described()
      return answer[0].partitions.length === PARTITIONS.length && answer
    })
    for (const { leaderNode, replicaNodes } of partitions) {
      for (const { host, port } of [leaderNode, ...replicaNodes]) saw(host, port)
    }
    // A leader that is not yet up would cost records sent with acks=0, and the order of others.
    await awaitUntil('leaders ready', () => admin.fetchTopicOffsets(topic).catch(() => null))
    await body(kafka, admin)
  } finally {
    await admin.deleteTopics({ topics: [topic] })
  }
}

/** Joins a group; what the member sees is in `got`. Each record's offset is stored, and committed by leave. */
async function member(kafka, topic, options = {}) {
  const consumer = await started(kafka.consumer({
    'group.id': `${topic}-group`, 'auto.offset.reset': 'earliest', 'enable.auto.commit': false, ...options
  }))
  const got = []
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, headers } }) => {
      got.push(received(partition, key, value, headers))
    }
  })
  return { consumer, got, parts: () => consumer.assignment().map(a => a.partition), commit: () => consumer.commitOffsets() }
}

/** Reads count records from the start of every partition, without joining a group (the callback API can). */
async function readAll(bootstrap, topic, count, more = {}) {
  const consumer = new KafkaConsumer(config(bootstrap, { 'group.id': `${topic}-unused`, 'enable.auto.commit': false, ...more }), {})
  consumer.on('event.stats', noteStats)
  await new Promise((resolve, reject) => consumer.connect({ timeout: 10_000 }, error => (error ? reject(error) : resolve())))
  consumer.assign(PARTITIONS.map(partition => ({ topic, partition, offset: 0 })))
  consumer.setDefaultConsumeTimeout(200)
  const got = []
  await awaitUntil(`${count} records of ${topic}`, async () => {
    const some = await new Promise((resolve, reject) => consumer.consume(200, (error, all) => (error ? reject(error) : resolve(all))))
    for (const { partition, key, value, headers } of some) {
      got.push(received(partition, key, value, Object.assign({}, ...headers)))
    }
    return got.length >= count
  })
  await new Promise((resolve, reject) => consumer.disconnect(error => (error ? reject(error) : resolve())))
  return got
}

// A copy, because the client changes the messages it is given.
const send = (client, topic, messages) => client.send({ topic, messages: structuredClone(messages) })

const byPartition = offsets => offsets.sort((a, b) => a.partition - b.partition)

const admin = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (_, admin) => {
    await awaitUntil('the new topic is listed', async () => (await admin.listTopics()).includes(topic))
    const [{ partitions, topicId }] = await admin.fetchTopicMetadata({ topics: [topic], includeAuthorizedOperations: true })
    check(topicId, 'no topic id')
    for (const p of partitions) check(p.leader >= 0 && p.leaderNode.host, `partition ${p.partitionId} has no leader`)
    const { errors } = await admin.listGroups()
    checkEqual('errors of listGroups', errors, [])
  }).then(async () => {
    const client = await started(connect(bootstrap).admin())
    await awaitUntil('topic gone', async () => !(await client.listTopics()).includes(topic))
  })

const produceConsume = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async kafka => {
    const wanted = records(0, 1000)
    for (const [codec, part] of [['lz4', wanted.slice(0, 500)], ['zstd', wanted.slice(500)]]) {
      const client = await producer(kafka, { acks: 'all', 'compression.type': codec, 'linger.ms': 20 })
      await send(client, topic, part)
      await client.disconnect()
    }
    checkRecords(await readAll(bootstrap, topic, 1000), wanted)
  })

const share = (bootstrap, topic, options, type) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    const client = await producer(kafka)
    const join = () => member(kafka, topic, options)
    const [one, two] = await Promise.all([join(), join()])
    const parts = () => [...one.parts(), ...two.parts()].sort()
    await awaitUntil('both members own partitions', () =>
      one.parts().length && two.parts().length && parts().length === PARTITIONS.length)
    checkEqual('shared partitions', parts(), PARTITIONS)
    const { groups } = await admin.listGroups({ matchConsumerGroupTypes: [type] })
    check(groups.some(g => g.groupId === `${topic}-group`), `not listed among the groups of type ${type}`)
    const { groups: [described] } = await admin.describeGroups([`${topic}-group`])
    checkEqual('members described', described.members.length, 2)
    saw(described.coordinator.host, described.coordinator.port)
    const first = records(0, 300)
    await send(client, topic, first)
    await awaitUntil('300 records', () => one.got.length + two.got.length >= 300)
    await Promise.all([one.commit(), two.commit()])
    await Promise.all([one.consumer.disconnect(), two.consumer.disconnect()])
    checkRecords([...one.got, ...two.got], first)
    const second = records(300, 60)
    await send(client, topic, second)
    const third = await join()
    await awaitUntil('60 records', () => third.got.length >= 60)
    await third.consumer.disconnect()
    checkRecords(third.got, second)
  })

const group = (bootstrap, topic) => share(bootstrap, topic, { 'session.timeout.ms': 10_000 }, ConsumerGroupTypes.CLASSIC)

const group848 = (bootstrap, topic) => share(bootstrap, topic, { 'group.protocol': 'consumer' }, ConsumerGroupTypes.CONSUMER)

const transactions = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    const client = await producer(kafka, { 'transactional.id': `${topic}-txn` })
    const [committed, aborted, final] = [records(0, 30), records(30, 30), records(60, 3)]
    const first = await client.transaction()
    await send(first, topic, committed)
    await first.commit()
    const second = await client.transaction()
    await send(second, topic, aborted)
    await second.abort()
    const consumer = await started(kafka.consumer({ 'group.id': `${topic}-group` }))
    const third = await client.transaction()
    await send(third, topic, final)
    const partitions = PARTITIONS.map(partition => ({ partition, offset: '10' }))
    await third.sendOffsets({ consumer, topics: [{ topic, partitions }] })
    await third.commit()
    const stored = async () => (await admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }))[0]?.partitions ?? []
    await awaitUntil('offsets of the transaction', async () => (await stored()).filter(p => p.offset === '10').length === PARTITIONS.length)
    checkRecords(await readAll(bootstrap, topic, 33, { 'isolation.level': 'read_committed' }), [...committed, ...final])
    const everything = await readAll(bootstrap, topic, 63, { 'isolation.level': 'read_uncommitted' })
    checkRecords(everything, [...committed, ...aborted, ...final])
  })

const offsets = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    const start = 1_700_000_000_000 // ten records a partition, three seconds apart
    const client = await producer(kafka)
    await send(client, topic, records(0, 30).map((r, i) => ({ ...r, timestamp: String(start + i * 1000) })))
    const ends = async () => byPartition(await admin.fetchTopicOffsets(topic)).map(o => [o.low, o.high])
    const at = async time => byPartition(await admin.fetchTopicOffsetsByTimestamp(topic, time)).map(o => o.offset)
    checkEqual('earliest and latest', await ends(), PARTITIONS.map(() => ['0', '10']))
    checkEqual('offsets at 16 s', await at(start + 16_000), ['6', '5', '5'])
    checkEqual('offsets after the last', await at(start + 99_000), ['10', '10', '10']) // the client turns -1 into the end
    await admin.deleteTopicRecords({ topic, partitions: PARTITIONS.map(partition => ({ partition, offset: '4' })) })
    checkEqual('earliest and latest after deletion', await ends(), PARTITIONS.map(() => ['4', '10']))
  })

const acks0 = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    // acks is fixed per producer here: the second one sends the rest.
    const unacknowledged = await producer(kafka, { acks: 0 })
    await send(unacknowledged, topic, records(0, 100))
    await send(await producer(kafka, { acks: 1 }), topic, records(100, 100))
    const count = async () => (await admin.fetchTopicOffsets(topic)).reduce((sum, o) => sum + Number(o.high), 0)
    await awaitUntil('200 records', async () => (await count()) === 200)
  })

run({ admin, 'produce-consume': produceConsume, group, group848, transactions, offsets, acks0 }, disconnectAll)
