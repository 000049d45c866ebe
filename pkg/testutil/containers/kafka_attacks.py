"""What a tenant of Kafka asks for that is another one's or the whole server's, by the API.

The messages: https://kafka.apache.org/protocol. How they are written: tenants/kafka_wire.py.
"""

from pkg.testutil.containers.kafka_messages import RECORD, Attack, Target, i8, i16, i32, i64
from pkg.testutil.containers.tenants.kafka_wire import Raw, short

SETTING = "background.threads"
QUOTA = "producer_byte_rate"


def attacks(v: Target, m: Target) -> dict[str, list[Attack]]:
    """What is tried against a victim by somebody whose own things are also known.

    What removes comes last: an administrator can do all of it in this order.
    """
    wait = i32(5000)
    id = Raw(v.topic_id)
    part = [i32(0)]
    topic = [(v.topic, part)]
    producer = (i64(v.producer_id), i16(v.epoch))
    own = (i64(m.producer_id), i16(m.epoch))
    offsets = [(v.topic, [(i32(0), i64(7), i32(-1), None)])]
    fetch = [(i32(0), i32(-1), i64(0), i32(-1), i64(0), i32(1 << 20))]
    fetched = (i32(-1), i32(0), i32(0), i32(1 << 20), i8(0), i32(0), i32(-1))
    resources = ((2, v.topic), (4, "1"), (4, ""), (8, "1"), (16, "metrics"), (32, v.group))
    changes = [(2, v.topic, "retention.ms"), (4, "1", SETTING), (4, "", SETTING)]
    changes += [(16, "metrics", "interval.ms"), (32, v.group, "consumer.session.timeout.ms")]
    everything = (i8(1), None, i8(1), None, None, i8(1), i8(1))
    rules = [
        [(i8(resource), name, i8(4), f"User:{m.user}", "*", i8(2), i8(3))]
        for resource, name in ((2, v.topic), (3, v.group), (4, "kafka-cluster"), (5, v.transaction))
    ]
    salted = (v.user, i8(1), i32(4096), b"salt", bytes(32))
    return {
        "0 Produce": [
            Attack(9, (None, i16(1), wait, [(v.topic, [(i32(0), RECORD)])])),
            Attack(9, (v.transaction, i16(-1), wait, [(v.topic, [(i32(0), RECORD)])])),
            Attack(13, (None, i16(1), wait, [(id, [(i32(0), RECORD)])])),
        ],
        "1 Fetch": [
            Attack(12, (*fetched, [(v.topic, fetch)], [], "")),
            Attack(13, (*fetched, [(id, fetch)], [], "")),
            # As another broker would.
            Attack(12, (i32(2), *fetched[1:], [(v.topic, fetch)], [], "")),
        ],
        "2 ListOffsets": [
            Attack(7, (i32(-1), i8(0), [(v.topic, [(i32(0), i32(-1), i64(-1))])])),
        ],
        "3 Metadata": [
            Attack(12, (None, False, True)),
            Attack(12, ([(Raw(bytes(16)), v.topic)], True, True)),
            Attack(12, ([(id, None)], False, True)),
        ],
        "8 OffsetCommit": [
            Attack(9, (v.group, i32(-1), "", None, offsets)),
            Attack(9, (m.group, i32(-1), "", None, offsets)),
        ],
        "9 OffsetFetch": [
            Attack(9, ([(v.group, None, i32(-1), None)], False)),
            Attack(9, ([(v.group, None, i32(-1), topic)], True)),
        ],
        "10 FindCoordinator": [
            Attack(4, (i8(0), [v.group])),
            Attack(4, (i8(1), [v.transaction])),
            Attack(6, (i8(2), [f"{v.group}:AAAAAAAAAAAAAAAAAAAAAQ:0"])),
        ],
        "11 JoinGroup": [
            Attack(9, (v.group, wait, wait, "", None, "consumer", [("range", bytes(6))], None))
        ],
        "12 Heartbeat": [Attack(4, (v.group, i32(1), v.member, None))],
        "14 SyncGroup": [Attack(5, (v.group, i32(1), v.member, None, "consumer", "range", []))],
        "15 DescribeGroups": [Attack(6, ([v.group], True))],
        "16 ListGroups": [Attack(5, ([], [])), Attack(5, (["Stable"], ["classic"]))],
        "19 CreateTopics": [
            Attack(7, ([(f"{v.topic}2", i32(1), i16(1), [], [])], wait, False)),
            Attack(7, ([("anybodys", i32(1), i16(1), [], [])], wait, True)),
        ],
        "22 InitProducerId": [
            Attack(5, (v.transaction, i32(60_000), i64(-1), i16(-1))),
            Attack(5, (v.transaction, i32(60_000), *producer)),
        ],
        "23 OffsetForLeaderEpoch": [
            Attack(4, (i32(-1), [(v.topic, [(i32(0), i32(-1), i32(0))])])),
            Attack(4, (i32(2), [(v.topic, [(i32(0), i32(-1), i32(0))])])),
        ],
        "24 AddPartitionsToTxn": [
            Attack(3, (v.transaction, *producer, topic)),
            Attack(3, (m.transaction, *own, topic)),
            Attack(5, ([(v.transaction, *producer, False, topic)],)),
            Attack(5, ([(v.transaction, *producer, True, topic)],)),
        ],
        "25 AddOffsetsToTxn": [
            Attack(3, (v.transaction, *producer, v.group)),
            Attack(3, (m.transaction, *own, v.group)),
        ],
        "28 TxnOffsetCommit": [
            Attack(4, (v.transaction, v.group, *producer, i32(-1), "", None, offsets)),
            Attack(4, (m.transaction, v.group, *own, i32(-1), "", None, offsets)),
            Attack(4, (m.transaction, m.group, *own, i32(-1), "", None, offsets)),
        ],
        "27 WriteTxnMarkers": [Attack(1, ([(*producer, False, topic, i32(0))],))],
        "26 EndTxn": [
            Attack(4, (v.transaction, *producer, True)),
            Attack(4, (v.transaction, *producer, False)),
        ],
        "29 DescribeAcls": [
            Attack(3, everything),
            Attack(3, (i8(1), None, i8(1), f"User:{v.user}", None, i8(1), i8(1))),
            Attack(3, (i8(1), None, i8(1), f"User:{m.user}", None, i8(1), i8(1))),
        ],
        "30 CreateAcls": [Attack(3, (rule,)) for rule in rules],
        "32 DescribeConfigs": [
            Attack(4, ([(i8(kind), name, None)], True, False)) for kind, name in resources
        ],
        "33 AlterConfigs": [
            Attack(2, ([(i8(kind), name, [(setting, "2")])], True))
            for kind, name, setting in changes
        ],
        "44 IncrementalAlterConfigs": [
            *(
                Attack(1, ([(i8(kind), name, [(setting, i8(0), "50000")])], True))
                for kind, name, setting in changes
                if kind != 4
            ),
            *(
                Attack(
                    1,
                    ([(i8(4), name, [(SETTING, i8(0), "2")])], False),
                    harmless=([(i8(4), name, [(SETTING, i8(0), "2")])], True),
                )
                for name in ("1", "")
            ),
            Attack(1, ([(i8(8), "1", [("kafka", i8(0), "DEBUG")])], True)),
        ],
        "34 AlterReplicaLogDirs": [Attack(2, ([(v.log_dir, topic)],))],
        "35 DescribeLogDirs": [Attack(4, (None,)), Attack(4, (topic,))],
        "37 CreatePartitions": [Attack(3, ([(v.topic, i32(3), None)], wait, False))],
        "43 ElectLeaders": [Attack(2, (i8(0), topic, wait)), Attack(2, (i8(1), None, wait))],
        "45 AlterPartitionReassignments": [
            Attack(1, (wait, True, [(v.topic, [(i32(0), [i32(1)])])])),
            Attack(1, (wait, True, [(v.topic, [(i32(0), None)])])),
        ],
        "46 ListPartitionReassignments": [Attack(0, (wait, None)), Attack(0, (wait, topic))],
        "48 DescribeClientQuotas": [Attack(1, ([], False))],
        "49 AlterClientQuotas": [
            Attack(1, ([([("user", name)], [(QUOTA, Raw(bytes(8)), True)])], False))
            for name in (v.user, m.user, None)
        ],
        "50 DescribeUserScramCredentials": [
            Attack(0, (None,)),
            Attack(0, ([(v.user,)],)),
            Attack(0, ([(m.user,)],)),
        ],
        "55 DescribeQuorum": [Attack(2, ([("__cluster_metadata", [(i32(0),)])],))],
        "57 UpdateFeatures": [Attack(2, (wait, [("share.version", i16(1), i8(1))], True))],
        "61 DescribeProducers": [Attack(0, (topic,))],
        "64 UnregisterBroker": [Attack(0, (i32(99),))],
        "65 DescribeTransactions": [Attack(0, ([v.transaction],))],
        "66 ListTransactions": [
            Attack(2, ([], [], i64(-1), None)),
            Attack(2, ([], [i64(v.producer_id)], i64(0), ".*")),
        ],
        "68 ConsumerGroupHeartbeat": [
            Attack(1, (v.group, v.member, i32(0), None, None, wait, [v.topic], None, None, [])),
            Attack(1, (v.group, v.member, i32(-1), None, None, wait, None, None, None, None)),
            # With a group of one's own, for others' topics.
            Attack(1, (m.group, "x", i32(0), None, None, wait, [v.topic], None, None, [])),
        ],
        "69 ConsumerGroupDescribe": [Attack(1, ([v.group], True))],
        "74 ListConfigResources": [
            Attack(1, ([],)),
            *(Attack(1, ([i8(kind)],)) for kind in (2, 4, 8, 16, 32)),
        ],
        "75 DescribeTopicPartitions": [
            Attack(0, ([(v.topic,)], i32(10), i8(-1))),
            Attack(0, ([], i32(10), i8(-1))),
        ],
        "80 AddRaftVoter": [
            Attack(0, (None, wait, i32(9), Raw(bytes(16)), [("CONTROLLER", "x", i16(9))]))
        ],
        "81 RemoveRaftVoter": [Attack(0, (None, i32(9), Raw(bytes(16))))],
        "13 LeaveGroup": [Attack(5, (v.group, [(v.member, None, None)]))],
        "47 OffsetDelete": [
            Attack(
                0,
                Raw(short(v.group) + i32(1) + short(v.topic) + i32(1) + i32(0)),
                is_flexible=False,
            )
        ],
        "42 DeleteGroups": [Attack(2, ([v.group],))],
        "21 DeleteRecords": [Attack(2, ([(v.topic, [(i32(0), i64(-1))])], wait))],
        "20 DeleteTopics": [
            Attack(6, ([(None, id)], wait)),
            Attack(6, ([(v.topic, Raw(bytes(16)))], wait)),
        ],
        "51 AlterUserScramCredentials": [
            Attack(0, ([], [salted])),
            Attack(0, ([], [(m.user, *salted[1:])])),
            Attack(0, ([(v.user, i8(1))], [])),
        ],
        "31 DeleteAcls": [
            Attack(3, ([(i8(1), None, i8(1), f"User:{v.user}", None, i8(1), i8(1))],)),
            Attack(3, ([(i8(3), None, i8(1), f"User:{m.user}", None, i8(11), i8(2))],)),
        ],
    }


def looks(v: Target, m: Target) -> dict[str, list[Attack]]:
    """What everybody is told, or nobody: the server has no share groups and no such tokens."""
    id = Raw(v.topic_id)
    states = [(id, [(i32(0), i32(0))])]
    acknowledged = [(id, [(i32(0), [(i64(0), i64(0), [i8(1)])])])]
    sizes = (i32(0), i32(0), i32(1 << 20), i32(9), i32(9))
    return {
        "22 InitProducerId": [
            Attack(5, (m.transaction, i32(60_000), i64(v.producer_id), i16(v.epoch)))
        ],
        "17 SaslHandshake": [Attack(1, short("PLAIN"), is_flexible=False)],
        "18 ApiVersions": [Attack(3, ("x", "1"))],
        "36 SaslAuthenticate": [Attack(2, (b"\0berth\0berth",))],
        "60 DescribeCluster": [Attack(2, (True, i8(1), True))],
        "38 CreateDelegationToken": [
            Attack(3, (None, None, [("User", v.user)], i64(1000))),
            Attack(3, ("User", v.user, [], i64(1000))),
        ],
        "39 RenewDelegationToken": [Attack(2, (b"x", i64(1000)))],
        "40 ExpireDelegationToken": [Attack(2, (b"x", i64(-1)))],
        "41 DescribeDelegationToken": [Attack(3, (None,)), Attack(3, ([("User", v.user)],))],
        "76 ShareGroupHeartbeat": [Attack(1, (v.group, "x", i32(0), None, [v.topic]))],
        "77 ShareGroupDescribe": [Attack(1, ([v.group], True))],
        "78 ShareFetch": [Attack(1, (v.group, "x", i32(0), *sizes, acknowledged, []))],
        "79 ShareAcknowledge": [Attack(1, (v.group, "x", i32(1), acknowledged))],
        "83 InitializeShareGroupState": [
            Attack(0, (v.group, [(id, [(i32(0), i32(0), i64(0))])])),
        ],
        "84 ReadShareGroupState": [Attack(0, (v.group, states))],
        "85 WriteShareGroupState": [
            Attack(0, (v.group, [(id, [(i32(0), i32(0), i32(0), i64(0), [])])])),
        ],
        "86 DeleteShareGroupState": [Attack(0, (v.group, [(id, [(i32(0),)])]))],
        "87 ReadShareGroupStateSummary": [Attack(0, (v.group, states))],
        "90 DescribeShareGroupOffsets": [Attack(0, ([(v.group, None)],))],
        "91 AlterShareGroupOffsets": [Attack(0, (v.group, [(v.topic, [(i32(0), i64(0))])]))],
        "92 DeleteShareGroupOffsets": [Attack(0, (v.group, [(v.topic,)]))],
    }
