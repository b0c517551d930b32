#!/usr/bin/env node
// @platformatic/kafka: JavaScript alone, close to the newest protocol versions, with KIP-848.
import * as kafka from '@platformatic/kafka'
import { PARTITIONS, awaitUntil, check, checkEqual, checkRecords, received, records, run, saw } from '../common/scenario.mjs'

const { Admin, ConfigResourceTypes, Consumer, FindCoordinatorKeyTypes, ListOffsetTimestamps, Producer } = kafka

const config = (bootstrap, more = {}) => ({
  clientId: 'platformatic', bootstrapBrokers: bootstrap.split(','), retries: 8, retryDelay: 250, ...more
})

const producer = (bootstrap, options = {}) =>
  new Producer(config(bootstrap, { serializers: kafka.stringSerializers, ...options }))

/** Runs body with a topic of three partitions, which is deleted afterwards. */
async function withTopic(bootstrap, topic, body) {
  const admin = new Admin(config(bootstrap))
  await admin.createTopics({ topics: [topic], partitions: PARTITIONS.length, replicas: 1 })
  try {
    const metadata = await awaitUntil(`${topic} in metadata`, () => describe(admin, topic).catch(() => null))
    for (const { host, port } of metadata.brokers.values()) saw(host, port)
    // A leader that is not yet up would cost records sent with acks=0, and the order of others.
    await awaitUntil('leaders ready', () => listOffsets(admin, topic, ListOffsetTimestamps.LATEST).catch(() => null))
    await body(admin)
  } finally {
    await admin.deleteTopics({ topics: [topic] })
  }
}

const describe = (client, topic) => client.metadata({ topics: [topic], forceUpdate: true })

/** Joins a group; what the member sees is in `got`, the messages themselves in `raw`. */
async function member(bootstrap, topic, options = {}, mode = 'committed') {
  const consumer = new Consumer(config(bootstrap, {
    groupId: `${topic}-group`, maxWaitTime: 200, autocommit: false, ...options
  }))
  const stream = await consumer.consume({ topics: [topic], mode, ...(mode === 'committed' && { fallbackMode: 'earliest' }) })
  const self = { consumer, got: [], raw: [], fetches: 0 }
  stream.on('fetch', () => self.fetches++)
  stream.on('error', error => {
    if (!self.left) throw error // closing the consumer ends a fetch under way with an error
  })
  stream.on('data', message => {
    const { partition, key, value, headers } = message
    self.got.push(received(partition, key, value, Object.fromEntries(headers)))
    self.raw.push(message)
  })
  self.parts = () => consumer.assignments?.find(a => a.topic === topic)?.partitions ?? []
  self.last = () => PARTITIONS.map(p => self.raw.findLast(m => m.partition === p)).filter(Boolean)
  self.commit = () => consumer.commit({
    offsets: self.last().map(m => ({ topic, partition: m.partition, offset: m.offset + 1n, leaderEpoch: 0 }))
  })
  self.leave = () => {
    self.left = true
    return consumer.close(true)
  }
  return self
}

/** Reads count records from the start. There is no reading without a group here: it takes a new one. */
async function readAll(bootstrap, topic, count, options = {}) {
  const reader = await member(bootstrap, topic, { groupId: `${topic}-reader-${Math.random()}`, ...options }, 'earliest')
  await awaitUntil(`${count} records of ${topic}`, () => reader.got.length >= count)
  await reader.leave()
  return reader.got
}

const send = (client, topic, messages, more = {}) =>
  client.send({ messages: messages.map(m => ({ topic, ...m, value: m.value ?? undefined })), ...more })

const listOffsets = async (admin, topic, timestamp) => {
  const partitions = PARTITIONS.map(partitionIndex => ({ partitionIndex, timestamp }))
  const [answer] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
  return answer.partitions.sort((a, b) => a.partitionIndex - b.partitionIndex).map(p => Number(p.offset))
}

const admin = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async admin => {
    const { id, brokers, controllerId, topics } = await describe(admin, topic)
    check(id, 'no cluster id')
    check(brokers.has(controllerId), 'the controller is not among the brokers')
    await awaitUntil('the new topic is listed', async () => (await admin.listTopics()).includes(topic))
    checkEqual('partitions', topics.get(topic).partitionsCount, PARTITIONS.length)
    for (const p of topics.get(topic).partitions) check(brokers.has(p.leader), `leader ${p.leader} is not a listed broker`)
    const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }
    const set = { name: 'retention.ms', value: '123456', configOperation: 0 }
    await admin.incrementalAlterConfigs({ resources: [{ ...resource, configs: [set] }] })
    await awaitUntil('retention.ms=123456', async () => {
      const [{ configs }] = await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ['retention.ms'] }] })
      return configs.find(c => c.name === 'retention.ms').value === '123456'
    })
    for (const keyType of [FindCoordinatorKeyTypes.GROUP, FindCoordinatorKeyTypes.TRANSACTION]) {
      for (const { host, port } of await admin.findCoordinator({ keyType, keys: [topic] })) saw(host, port)
    }
    await admin.listGroups()
    await admin.createPartitions({ topics: [{ name: topic, count: 4, assignments: null }] })
    await awaitUntil('four partitions', async () => (await describe(admin, topic)).topics.get(topic).partitionsCount === 4)
  }).then(async () => {
    const client = new Admin(config(bootstrap))
    await awaitUntil('topic gone', async () => !(await client.listTopics()).includes(topic))
  })

const produceConsume = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async () => {
    const wanted = records(0, 1000)
    const client = producer(bootstrap)
    await send(client, topic, wanted.slice(0, 500), { acks: -1, compression: 'gzip' })
    await send(client, topic, wanted.slice(500), { acks: -1, compression: 'snappy' })
    checkRecords(await readAll(bootstrap, topic, 1000), wanted)
  })

const share = (bootstrap, topic, options, groupType) =>
  withTopic(bootstrap, topic, async admin => {
    const client = producer(bootstrap)
    const join = () => member(bootstrap, topic, options)
    const [one, two] = await Promise.all([join(), join()])
    const parts = () => [...one.parts(), ...two.parts()].sort()
    await awaitUntil('both members own partitions', () =>
      one.parts().length && two.parts().length && parts().length === PARTITIONS.length)
    checkEqual('shared partitions', parts(), PARTITIONS)
    // A fetch from before the rebalance still delivers records of partitions that were taken away: let it end.
    const before = [one.fetches, two.fetches]
    await awaitUntil('new fetches', () => one.fetches > before[0] + 1 && two.fetches > before[1] + 1)
    const listed = await admin.listGroups({ types: [groupType] })
    checkEqual('type of the group', listed.get(`${topic}-group`)?.groupType, groupType)
    const first = records(0, 300)
    await send(client, topic, first)
    await awaitUntil('300 records', () => one.got.length + two.got.length >= 300)
    await Promise.all([one.commit(), two.commit()])
    await Promise.all([one.leave(), two.leave()])
    checkRecords([...one.got, ...two.got], first)
    const second = records(300, 60)
    await send(client, topic, second)
    const third = await join()
    await awaitUntil('60 records', () => third.got.length >= 60)
    await third.leave()
    checkRecords(third.got, second)
  })

const group = (bootstrap, topic) =>
  share(bootstrap, topic, { sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 500 }, 'classic')

const group848 = (bootstrap, topic) => share(bootstrap, topic, { groupProtocol: 'consumer' }, 'consumer')

const transactions = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async () => {
    const client = producer(bootstrap, { transactionalId: `${topic}-txn`, idempotent: true })
    const [committed, aborted, final] = [records(0, 30), records(30, 30), records(60, 3)]
    const first = await client.beginTransaction()
    await send(first, topic, committed)
    await first.commit()
    const second = await client.beginTransaction()
    await send(second, topic, aborted)
    await second.abort()
    const reader = await member(bootstrap, topic, { isolationLevel: 1 })
    await awaitUntil('30 records', () => reader.got.length >= 30)
    const third = await client.beginTransaction()
    await send(third, topic, final)
    await third.addConsumer(reader.consumer)
    for (const message of reader.last()) await third.addOffset(message)
    await third.commit()
    const stored = () => reader.consumer.listCommittedOffsets({ topics: [{ topic, partitions: PARTITIONS }] })
    await awaitUntil('offsets of the transaction', async () => (await stored()).get(topic).every(o => o === 10n))
    await awaitUntil('33 records', () => reader.got.length >= 33)
    await reader.leave()
    checkRecords(reader.got, [...committed, ...final])
    checkRecords(await readAll(bootstrap, topic, 63, { isolationLevel: 0 }), [...committed, ...aborted, ...final])
  })

const offsets = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async admin => {
    const start = 1_700_000_000_000 // ten records a partition, three seconds apart
    await send(producer(bootstrap), topic, records(0, 30).map((r, i) => ({ ...r, timestamp: BigInt(start + i * 1000) })))
    const at = time => listOffsets(admin, topic, BigInt(time))
    checkEqual('earliest', await at(ListOffsetTimestamps.EARLIEST), [0, 0, 0])
    checkEqual('latest', await at(ListOffsetTimestamps.LATEST), [10, 10, 10])
    checkEqual('greatest timestamp', await at(-3), [9, 9, 9])
    checkEqual('offsets at 16 s', await at(start + 16_000), [6, 5, 5])
    checkEqual('offsets after the last', await at(start + 99_000), [-1, -1, -1])
    const partitions = PARTITIONS.map(partition => ({ partition, offset: 4n }))
    await admin.deleteRecords({ topics: [{ name: topic, partitions }] })
    checkEqual('earliest after deletion', await at(ListOffsetTimestamps.EARLIEST), [4, 4, 4])
  })

const acks0 = (bootstrap, topic) =>
  withTopic(bootstrap, topic, async admin => {
    const client = producer(bootstrap)
    await send(client, topic, records(0, 100), { acks: 0 })
    await send(client, topic, records(100, 100), { acks: 1 })
    const count = async () => (await listOffsets(admin, topic, ListOffsetTimestamps.LATEST)).reduce((a, b) => a + b)
    await awaitUntil('200 records', async () => (await count()) === 200)
  })

run({ admin, 'produce-consume': produceConsume, group, group848, transactions, offsets, acks0 })
