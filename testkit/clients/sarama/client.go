// Sarama 1.22, a client in Go. It knows the protocol up to Kafka 2.2.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/Shopify/sarama"
)

const (
	partitions = 3
	runTime    = 55 * time.Second // below the 60 s that a scenario may take, so that the reason comes from here
	waitTime   = 20 * time.Second
)

var scenarios = map[string]func(bootstrap, name string){
	"admin":           admin,
	"produce-consume": produceConsume,
	"offsets":         offsets,
	"acks0":           acks0,
	"group":           group,
	"group848":        skip("Sarama 1.22 has only the classic group protocol"),
	"transactions":    skip("Sarama 1.22 has no transactions"),
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sarama <bootstrap> <unique-name> <scenario>")
		os.Exit(2)
	}
	time.AfterFunc(runTime, func() { finish(1, fmt.Sprintf("still running after %v", runTime)) })
	scenario, ok := scenarios[os.Args[3]]
	if !ok {
		finish(2, "no scenario "+os.Args[3])
	}
	scenario(os.Args[1], os.Args[2])
	finish(0, "")
}

func finish(code int, reason string) {
	fmt.Println(strings.TrimSpace("brokers: " + seen.String()))
	if reason != "" {
		fmt.Fprintln(os.Stderr, reason)
	}
	os.Exit(code)
}

func skip(reason string) func(string, string) {
	return func(string, string) {
		fmt.Println("SKIP:", reason)
		finish(77, "")
	}
}

// must ends the run unless err is nil.
func must(what string, err error) {
	if err != nil {
		cleanUp()
		finish(1, fmt.Sprintf("%s: %v", what, err))
	}
}

func check(ok bool, format string, values ...interface{}) {
	if !ok {
		must("check", fmt.Errorf(format, values...))
	}
}

func await(what string, condition func() bool) {
	for deadline := time.Now().Add(waitTime); !condition(); time.Sleep(20 * time.Millisecond) {
		check(time.Now().Before(deadline), "not within %v: %s", waitTime, what)
	}
}

// addresses are those the client learned or connected to. As sarama's proxy it sees every connection.
type addresses struct {
	sync.Mutex
	all map[string]bool
}

var seen = addresses{all: map[string]bool{}}

func (a *addresses) saw(address string) {
	a.Lock()
	defer a.Unlock()
	a.all[address] = true
}

func (a *addresses) Dial(network, address string) (net.Conn, error) {
	a.saw(address)
	return net.DialTimeout(network, address, 10*time.Second)
}

func (a *addresses) String() string {
	a.Lock()
	defer a.Unlock()
	list := []string{}
	for address := range a.all {
		list = append(list, address)
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.ClientID = "sarama"
	c.Version = sarama.MaxVersion
	c.Net.Proxy.Enable, c.Net.Proxy.Dialer = true, &seen
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Partitioner = sarama.NewManualPartitioner
	c.Producer.Return.Successes = true
	c.Producer.Flush.Frequency = 20 * time.Millisecond
	c.Consumer.Offsets.Retention = time.Hour // without it offsets are committed by a version that Kafka 4 no longer has
	return c
}

func connect(bootstrap string, c *sarama.Config) sarama.Client {
	client, err := sarama.NewClient(strings.Split(bootstrap, ","), c)
	must("connect", err)
	return client
}

func clusterAdmin(bootstrap string) sarama.ClusterAdmin {
	client, err := sarama.NewClusterAdmin(strings.Split(bootstrap, ","), config())
	must("connect admin", err)
	return client
}

// cleanUp deletes the topic of the scenario; must calls it too.
var cleanUp = func() {}

func createTopic(bootstrap, name string) sarama.ClusterAdmin {
	client := clusterAdmin(bootstrap)
	must("create topic", client.CreateTopic(name, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false))
	cleanUp = func() {
		cleanUp = func() {}
		must("delete topic", client.DeleteTopic(name))
	}
	await("topic in metadata", func() bool {
		described, err := client.DescribeTopics([]string{name})
		return err == nil && described[0].Err == sarama.ErrNoError && len(described[0].Partitions) == partitions
	})
	plain := connect(bootstrap, config())
	await("leaders ready", func() bool { // one that is not yet up would cost records sent with acks=0
		for p := int32(0); p < partitions; p++ {
			if _, err := plain.GetOffset(name, p, sarama.OffsetNewest); err != nil {
				return false
			}
		}
		return true
	})
	brokers, _, err := client.DescribeCluster()
	must("describe cluster", err)
	for _, broker := range brokers {
		seen.saw(broker.Addr())
	}
	return client
}

type record struct {
	partition int32
	key       string
	value     []byte // nil for a tombstone
	n         string // a header
}

// records start..start+count-1, spread over the partitions; every fiftieth is a tombstone.
func records(start, count int) []record {
	all := []record{}
	for i := start; i < start+count; i++ {
		r := record{partition: int32(i % partitions), key: fmt.Sprint("key-", i), n: fmt.Sprint(i)}
		if i%50 != 7 {
			r.value = []byte(fmt.Sprintf("värde %d %s", i, strings.Repeat("x", i%300)))
		}
		all = append(all, r)
	}
	return all
}

// send sends in order; the timestamps start at the given time, a second apart.
func send(client sarama.Client, topic string, all []record, from time.Time) {
	messages := []*sarama.ProducerMessage{}
	for i, r := range all {
		m := &sarama.ProducerMessage{
			Topic: topic, Partition: r.partition, Key: sarama.StringEncoder(r.key), Timestamp: from.Add(time.Duration(i) * time.Second),
			Headers: []sarama.RecordHeader{{Key: []byte("n"), Value: []byte(r.n)}, {Key: []byte("empty"), Value: []byte{}}},
		}
		if r.value != nil {
			m.Value = sarama.ByteEncoder(r.value)
		}
		messages = append(messages, m)
	}
	producer, err := sarama.NewSyncProducerFromClient(client)
	must("producer", err)
	must("send", producer.SendMessages(messages))
	must("close producer", producer.Close())
}

func received(m *sarama.ConsumerMessage) record {
	check(len(m.Headers) == 2 && len(m.Headers[1].Value) == 0, "headers of record %d of partition %d: %v", m.Offset, m.Partition, m.Headers)
	return record{partition: m.Partition, key: string(m.Key), value: m.Value, n: string(m.Headers[0].Value)}
}

func ofPartition(all []record, partition int32) []record {
	some := []record{}
	for _, r := range all {
		if r.partition == partition {
			some = append(some, r)
		}
	}
	return some
}

// checkRecords holds when both are the same records, in the order they were sent within each partition.
func checkRecords(got, wanted []record) {
	check(len(got) == len(wanted), "number of records: wanted %d, got %d", len(wanted), len(got))
	for p := int32(0); p < partitions; p++ {
		g, w := ofPartition(got, p), ofPartition(wanted, p)
		check(len(g) == len(w), "records of partition %d: wanted %d, got %d", p, len(w), len(g))
		for i := range w {
			check(reflect.DeepEqual(g[i], w[i]), "record %d of partition %d: wanted %q, got %q", i, p, w[i], g[i])
		}
	}
}

// readAll reads as many records of each partition as were sent, from the start and without a group.
func readAll(client sarama.Client, topic string, wanted []record) {
	consumer, err := sarama.NewConsumerFromClient(client)
	must("consumer", err)
	got := []record{}
	for p := int32(0); p < partitions; p++ {
		reader, err := consumer.ConsumePartition(topic, p, sarama.OffsetOldest)
		must("consume", err)
		for range ofPartition(wanted, p) {
			select {
			case m := <-reader.Messages():
				got = append(got, received(m))
			case <-time.After(waitTime):
				check(false, "not within %v: a record of partition %d after %d records", waitTime, p, len(got))
			}
		}
		must("close reader", reader.Close())
	}
	checkRecords(got, wanted)
}

// member of a consumer group; it commits what it got.
type member struct {
	sync.Mutex
	topic  string
	got    []record
	owned  []int32
	cancel func()
	done   chan error
}

func join(bootstrap, topic string) *member {
	c := config()
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Group.Session.Timeout = 10 * time.Second
	c.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	group, err := sarama.NewConsumerGroupFromClient(topic+"-group", connect(bootstrap, c))
	must("consumer group", err)
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{topic: topic, cancel: cancel, done: make(chan error, 1)}
	go func() {
		var err error
		for ctx.Err() == nil && err == nil { // each turn lasts until the next rebalance
			err = group.Consume(ctx, []string{topic}, m)
		}
		if closing := group.Close(); err == nil {
			err = closing
		}
		m.done <- err
	}()
	return m
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.Lock()
	defer m.Unlock()
	m.owned = session.Claims()[m.topic]
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.Lock()
		m.got = append(m.got, received(message))
		m.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

func (m *member) parts() []int32 {
	m.Lock()
	defer m.Unlock()
	return append([]int32{}, m.owned...)
}

func (m *member) records() []record {
	m.Lock()
	defer m.Unlock()
	return append([]record{}, m.got...)
}

// leave commits and leaves the group.
func (m *member) leave() {
	m.cancel()
	select {
	case err := <-m.done:
		if err != context.Canceled {
			must("group member", err)
		}
	case <-time.After(waitTime):
		check(false, "a member did not leave within %v", waitTime)
	}
}

// offsetsAt lists the offset of every partition for a time in milliseconds, or OffsetOldest, OffsetNewest.
func offsetsAt(client sarama.Client, topic string, at int64) string {
	all := []int64{}
	for p := int32(0); p < partitions; p++ {
		offset, err := client.GetOffset(topic, p, at)
		must("list offsets", err)
		all = append(all, offset)
	}
	return fmt.Sprint(all)
}

func checkOffsets(what, got, wanted string) {
	check(got == wanted, "%s: wanted %s, got %s", what, wanted, got)
}

func admin(bootstrap, name string) {
	client := createTopic(bootstrap, name)
	retention := "123456"
	must("alter config", client.AlterConfig(sarama.TopicResource, name, map[string]*string{"retention.ms": &retention}, false))

	plain := connect(bootstrap, config())
	broker, err := plain.Controller()
	must("controller", err) // the admin client's own DescribeCluster asks with Metadata v0, which names none
	resource := &sarama.ConfigResource{Type: sarama.TopicResource, Name: name, ConfigNames: []string{"retention.ms"}}
	await("retention.ms=123456", func() bool {
		// The admin client would ask with v0, which Kafka 4 no longer has.
		answer, err := broker.DescribeConfigs(&sarama.DescribeConfigsRequest{Version: 2, Resources: []*sarama.ConfigResource{resource}})
		must("describe configs", err)
		check(len(answer.Resources) == 1 && answer.Resources[0].ErrorCode == 0, "describe configs: %+v", answer.Resources)
		return answer.Resources[0].Configs[0].Value == retention
	})
	must("create partitions", client.CreatePartitions(name, 4, nil, false))
	_, err = client.ListConsumerGroups()
	must("list groups", err)
	cleanUp()
	await("topic gone", func() bool {
		must("metadata", plain.RefreshMetadata())
		topics, err := plain.Topics()
		must("topics", err)
		for _, topic := range topics {
			if topic == name {
				return false
			}
		}
		return true
	})
}

func produceConsume(bootstrap, name string) {
	createTopic(bootstrap, name)
	all := records(0, 1000)
	for i, codec := range []sarama.CompressionCodec{sarama.CompressionLZ4, sarama.CompressionSnappy} {
		c := config()
		c.Producer.Compression = codec
		send(connect(bootstrap, c), name, all[i*500:i*500+500], time.Now())
	}
	client := connect(bootstrap, config())
	readAll(client, name, all)
	checkOffsets("latest", offsetsAt(client, name, sarama.OffsetNewest), "[334 333 333]")
	cleanUp()
}

func group(bootstrap, name string) {
	createTopic(bootstrap, name)
	client := connect(bootstrap, config())
	one, two := join(bootstrap, name), join(bootstrap, name)
	await("both members own partitions", func() bool {
		a, b := one.parts(), two.parts()
		owned := map[int32]bool{}
		for _, p := range append(a, b...) {
			owned[p] = true
		}
		return len(a) > 0 && len(b) > 0 && len(a)+len(b) == partitions && len(owned) == partitions
	})
	first := records(0, 300)
	send(client, name, first, time.Now())
	await("300 records", func() bool { return len(one.records())+len(two.records()) >= 300 })
	one.leave()
	two.leave()
	checkRecords(append(one.records(), two.records()...), first)
	second := records(300, 60)
	send(client, name, second, time.Now())
	third := join(bootstrap, name)
	await("60 records", func() bool { return len(third.records()) >= 60 })
	third.leave()
	checkRecords(third.records(), second)
	coordinator, err := client.Coordinator(name + "-group")
	must("coordinator", err)
	seen.saw(coordinator.Addr())
	cleanUp()
}

func offsets(bootstrap, name string) {
	adminClient := createTopic(bootstrap, name)
	client := connect(bootstrap, config())
	start := int64(1700000000000) // ten records a partition, three seconds apart
	send(client, name, records(0, 30), time.Unix(start/1000, 0))
	checkOffsets("earliest", offsetsAt(client, name, sarama.OffsetOldest), "[0 0 0]")
	checkOffsets("latest", offsetsAt(client, name, sarama.OffsetNewest), "[10 10 10]")
	checkOffsets("offsets at 16 s", offsetsAt(client, name, start+16000), "[6 5 5]")
	checkOffsets("offsets after the last", offsetsAt(client, name, start+99000), "[-1 -1 -1]")
	for p := int32(0); p < partitions; p++ { // the admin client would ask the controller instead of the leaders
		leader, err := client.Leader(name, p)
		must("leader", err)
		topics := map[string]*sarama.DeleteRecordsRequestTopic{name: {PartitionOffsets: map[int32]int64{p: 4}}}
		answer, err := leader.DeleteRecords(&sarama.DeleteRecordsRequest{Topics: topics, Timeout: waitTime})
		must("delete records", err)
		result := answer.Topics[name].Partitions[p]
		check(result.Err == sarama.ErrNoError && result.LowWatermark == 4, "delete records of partition %d: %+v", p, result)
	}
	checkOffsets("earliest after deletion", offsetsAt(client, name, sarama.OffsetOldest), "[4 4 4]")

	// Commits of a group without members.
	manager, err := sarama.NewOffsetManagerFromClient(name+"-group", client)
	must("offset manager", err)
	position, err := manager.ManagePartition(name, 0)
	must("manage partition", err)
	position.MarkOffset(7, "mark")
	must("close position", position.Close())
	must("close offset manager", manager.Close())
	coordinator, err := client.Coordinator(name + "-group")
	must("coordinator", err)
	seen.saw(coordinator.Addr())
	answer, err := adminClient.ListConsumerGroupOffsets(name+"-group", map[string][]int32{name: {0}})
	must("committed offsets", err)
	block := answer.GetBlock(name, 0)
	check(block != nil && block.Offset == 7 && block.Metadata == "mark", "committed offset: wanted 7 mark, got %+v", block)
	cleanUp()
}

func acks0(bootstrap, name string) {
	createTopic(bootstrap, name)
	c := config()
	client := connect(bootstrap, c)
	c.Producer.RequiredAcks = sarama.NoResponse
	send(client, name, records(0, 100), time.Now())
	c.Producer.RequiredAcks = sarama.WaitForLocal // same client, same connections
	send(client, name, records(100, 100), time.Now())
	await("200 records", func() bool { return offsetsAt(client, name, sarama.OffsetNewest) == "[67 67 66]" })
	cleanUp()
}
