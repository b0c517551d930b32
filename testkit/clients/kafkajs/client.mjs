#!/usr/bin/env node
// kafkajs, a client in JavaScript alone.
import kafkajs from 'kafkajs'
import snappy from 'kafkajs-snappy'
import { PARTITIONS, awaitUntil, cannot, check, checkEqual, checkRecords, received, records, run, saw } from '../common/scenario.mjs'

const { CompressionTypes, CompressionCodecs, ConfigResourceTypes, Kafka, Partitioners, logLevel } = kafkajs
CompressionCodecs[CompressionTypes.Snappy] = snappy

const connect = bootstrap =>
  new Kafka({ brokers: bootstrap.split(','), clientId: 'kafkajs', logLevel: logLevel.WARN, retry: { retries: 6 } })

/** Runs body with a topic of three partitions, which is deleted afterwards. */
async function withTopic(bootstrap, topic, body) {
  const kafka = connect(bootstrap)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS.length, replicationFactor: 1 }], waitForLeaders: false })
  for (const { host, port } of (await admin.describeCluster()).brokers) saw(host, port)
  // A leader that is not yet up would cost records sent with acks=0, and the order of others.
  await awaitUntil('leaders ready', () => admin.fetchTopicOffsets(topic).catch(() => null))
  try {
    await body(kafka, admin)
  } finally {
    await admin.deleteTopics({ topics: [topic] })
  }
}

async function producer(kafka, options = {}) {
  const client = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options })
  await client.connect()
  return client
}

/** Joins a group; what the member sees and owns is in `got` and `parts`. Commits after each batch. */
async function member(kafka, topic, groupId, options = {}) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 10000, heartbeatInterval: 500, maxWaitTimeInMs: 200, ...options })
  const self = { consumer, got: [], parts: [] }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => (self.parts = payload.memberAssignment[topic] ?? []))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommitThreshold: 1,
    eachBatch: async ({ batch: { partition, messages } }) => {
      for (const { key, value, headers } of messages) self.got.push(received(partition, key, value, headers))
    }
  })
  return self
}

/** Reads count records from the start. There is no reading without a group here: it takes a new one. */
async function readAll(kafka, topic, count, options) {
  const reader = await member(kafka, topic, `${topic}-reader-${Math.random()}`, options)
  await awaitUntil(`${count} records of ${topic}`, () => reader.got.length >= count)
  await reader.consumer.disconnect()
  return reader.got
}

const send = (client, topic, messages, more = {}) => client.send({ topic, messages, ...more })

const byPartition = offsets => offsets.sort((a, b) => a.partition - b.partition)

const admin = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (_, admin) => {
    const { brokers, controller, clusterId } = await admin.describeCluster()
    const nodes = brokers.map(b => b.nodeId)
    check(clusterId, 'no cluster id')
    check(nodes.includes(controller), 'the controller is not among the brokers')
    await awaitUntil('the new topic is listed', async () => (await admin.listTopics()).includes(topic))
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    checkEqual('partitions', topics[0].partitions.length, PARTITIONS.length)
    for (const p of topics[0].partitions) check(nodes.includes(p.leader), `partition ${p.partitionId} has leader ${p.leader}`)
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
    await admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '123456' }] }] })
    await awaitUntil('retention.ms=123456', async () => {
      const { resources } = await admin.describeConfigs({ resources: [resource] })
      return resources[0].configEntries.find(e => e.configName === 'retention.ms').configValue === '123456'
    })
    await admin.listGroups()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    const parts = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
    await awaitUntil('four partitions', async () => (await parts()) === 4)
  }).then(async () => {
    const client = connect(bootstrap).admin()
    await client.connect()
    await awaitUntil('topic gone', async () => !(await client.listTopics()).includes(topic))
  })

const produceConsume = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async kafka => {
    const wanted = records(0, 1000)
    const client = await producer(kafka)
    await send(client, topic, wanted.slice(0, 500), { acks: -1, compression: CompressionTypes.GZIP })
    await send(client, topic, wanted.slice(500), { acks: -1, compression: CompressionTypes.Snappy })
    checkRecords(await readAll(kafka, topic, 1000), wanted)
  })

const group = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async kafka => {
    const client = await producer(kafka)
    const join = () => member(kafka, topic, `${topic}-group`)
    const [one, two] = await Promise.all([join(), join()])
    await awaitUntil('both members own partitions', () =>
      one.parts.length && two.parts.length && one.parts.length + two.parts.length === PARTITIONS.length)
    checkEqual('shared partitions', [...one.parts, ...two.parts].sort(), PARTITIONS)
    const first = records(0, 300)
    await send(client, topic, first)
    await awaitUntil('300 records', () => one.got.length + two.got.length >= 300)
    await Promise.all([one.consumer.disconnect(), two.consumer.disconnect()])
    checkRecords([...one.got, ...two.got], first)
    const second = records(300, 60)
    await send(client, topic, second)
    const third = await join()
    await awaitUntil('60 records', () => third.got.length >= 60)
    await third.consumer.disconnect()
    checkRecords(third.got, second)
  })

const transactions = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    const client = await producer(kafka, { transactionalId: `${topic}-txn`, idempotent: true, maxInFlightRequests: 1 })
    const [committed, aborted, final] = [records(0, 30), records(30, 30), records(60, 3)]
    // One partition after the other: where sends to several brokers met the end of the transaction before
    // (CONCURRENT_TRANSACTIONS), kafkajs' retries now and then doubled records.
    const send = async (transaction, topic, all) => {
      for (const p of PARTITIONS) await transaction.send({ topic, messages: all.filter(r => r.partition === p) })
    }
    const first = await client.transaction()
    await send(first, topic, committed)
    await first.commit()
    const second = await client.transaction()
    await send(second, topic, aborted)
    await second.abort()
    const third = await client.transaction()
    await send(third, topic, final)
    const partitions = PARTITIONS.map(partition => ({ partition, offset: '10' }))
    await third.sendOffsets({ consumerGroupId: `${topic}-group`, topics: [{ topic, partitions }] })
    await third.commit()
    const stored = async () => (await admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }))[0].partitions
    await awaitUntil('offsets of the transaction', async () => (await stored()).every(p => p.offset === '10'))
    checkRecords(await readAll(kafka, topic, 33), [...committed, ...final])
    checkRecords(await readAll(kafka, topic, 63, { readUncommitted: true }), [...committed, ...aborted, ...final])
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
    checkEqual('offsets after the last', await at(start + 99_000), ['10', '10', '10']) // kafkajs turns -1 into the end
    await admin.deleteTopicRecords({ topic, partitions: PARTITIONS.map(partition => ({ partition, offset: '4' })) })
    checkEqual('earliest and latest after deletion', await ends(), PARTITIONS.map(() => ['4', '10']))
  })

const acks0 = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async (kafka, admin) => {
    const client = await producer(kafka)
    await send(client, topic, records(0, 100), { acks: 0 })
    await send(client, topic, records(100, 100), { acks: 1 })
    const count = async () => (await admin.fetchTopicOffsets(topic)).reduce((sum, o) => sum + Number(o.high), 0)
    await awaitUntil('200 records', async () => (await count()) === 200)
  })

run({
  admin,
  'produce-consume': produceConsume,
  group,
  group848: cannot('kafkajs 2.2 has only the classic group protocol'),
  transactions,
  offsets,
  acks0
})
