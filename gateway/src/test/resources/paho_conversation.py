"""Talks to an MQTT server with Eclipse Paho for Python, as PythonPahoTest tells it to.

usage: paho_conversation.py PART PORT VERSION PASSWORD [tcp|websockets] [AUTHORITY]

PART is one of the functions below, VERSION 4 or 5. With the file of an AUTHORITY, it talks over TLS. Prints nothing and ends with 0 where all went well.
"""
import queue
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PART, PORT, VERSION, PASSWORD = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
TRANSPORT = sys.argv[5] if len(sys.argv) > 5 else "tcp"
AUTHORITY = sys.argv[6] if len(sys.argv) > 6 else ""
SECONDS = 60


class Peer:
    """A client whose callbacks end in queues."""

    def __init__(self, name, lasting=False, will=None):
        kept = {} if VERSION == 5 else {"clean_session": not lasting}
        first = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
        self.client = mqtt.Client(*first, client_id=name, protocol=VERSION, transport=TRANSPORT, **kept)
        if TRANSPORT == "websockets":
            self.client.ws_set_options(path="/mqtt")
        if AUTHORITY:
            self.client.tls_set(AUTHORITY)
        self.client.username_pw_set("", PASSWORD)
        self.lasting = lasting
        self.heard, self.connected, self.done, self.gone = (queue.Queue() for _ in range(4))
        self.client.on_message = lambda _c, _u, message: self.heard.put(message)
        self.client.on_connect = lambda _c, _u, flags, code, *_: self.connected.put((flags, code))
        self.client.on_publish = lambda _c, _u, mid: self.done.put(mid)
        self.client.on_subscribe = lambda _c, _u, _mid, codes, *_: self.done.put(codes)
        self.client.on_unsubscribe = lambda _c, _u, mid, *_: self.done.put(mid)
        self.client.on_disconnect = lambda _c, _u, code, *_: self.gone.put(code)
        if will:
            self.client.will_set(*will)

    def connect(self):
        more = {}
        if VERSION == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600 if self.lasting else 0
            more = {"clean_start": not self.lasting, "properties": properties}
        self.client.connect("localhost" if AUTHORITY else "127.0.0.1", PORT, 30, **more)
        self.client.loop_start()
        flags, code = self.connected.get(timeout=SECONDS)
        assert code == 0, code
        return flags["session present"]

    def subscribe(self, topic, qos):
        if VERSION == 5:
            self.client.subscribe(topic, options=SubscribeOptions(qos=qos))
        else:
            self.client.subscribe(topic, qos)
        codes = self.done.get(timeout=SECONDS)
        granted = codes[0].value if VERSION == 5 else codes[0]
        assert granted == qos, codes

    def publish(self, topic, payload, qos, retain=False, properties=None):
        self.client.publish(topic, payload, qos, retain, properties)
        self.done.get(timeout=SECONDS)

    def hear(self):
        return self.heard.get(timeout=SECONDS)

    def hears_nothing(self):
        try:
            message = self.heard.get(timeout=0.5)
        except queue.Empty:
            return
        raise AssertionError("heard " + message.topic)

    def leave(self):
        self.client.disconnect()
        self.gone.get(timeout=SECONDS)
        self.client.loop_stop()


def messages():
    """Every quality, both ways; unsubscribing ends it."""
    ear, mouth = Peer("py-ear"), Peer("py-mouth")
    assert ear.connect() == 0 and mouth.connect() == 0
    ear.subscribe("py/#", 2)
    for qos in (0, 1, 2):
        mouth.publish("py/topic", "quality %d" % qos, qos)
        message = ear.hear()
        assert (message.topic, message.payload, message.qos) == ("py/topic", b"quality %d" % qos, qos)
    for number in range(200):
        mouth.client.publish("py/many", str(number), number % 3)
    numbers = [int(ear.hear().payload) for _ in range(200)]
    for qos in (0, 1, 2):
        assert [n for n in numbers if n % 3 == qos] == list(range(qos, 200, 3)), numbers
    ear.client.unsubscribe("py/#")
    ear.done.get(timeout=SECONDS)
    mouth.publish("py/topic", "unheard", 1)
    ear.hears_nothing()
    ear.leave()
    mouth.leave()


def properties():
    """What a 5.0 publisher says of its message, the subscriber reads."""
    ear, mouth = Peer("py-ear"), Peer("py-mouth")
    ear.connect()
    mouth.connect()
    ear.subscribe("py/request", 1)
    said = Properties(PacketTypes.PUBLISH)
    said.ResponseTopic = "py/answer"
    said.CorrelationData = b"42"
    said.ContentType = "text/plain"
    said.PayloadFormatIndicator = 1
    said.UserProperty = [("b", "1"), ("a", "2")]
    mouth.publish("py/request", "?", 1, properties=said)
    got = ear.hear().properties
    assert got.ResponseTopic == "py/answer" and got.CorrelationData == b"42"
    assert got.ContentType == "text/plain" and got.PayloadFormatIndicator == 1
    assert got.UserProperty == [("b", "1"), ("a", "2")], got.UserProperty
    ear.leave()
    mouth.leave()


def sessions():
    """A client that is away finds what came for it."""
    ear, mouth = Peer("py-lasting", lasting=True), Peer("py-mouth")
    assert ear.connect() == 0
    ear.subscribe("py/away", 2)
    ear.leave()
    mouth.connect()
    for qos in (1, 2):
        mouth.publish("py/away", "quality %d" % qos, qos)
    assert ear.connect() == 1
    assert [ear.hear().payload for _ in range(2)] == [b"quality 1", b"quality 2"]
    ear.leave()
    mouth.leave()


def retained():
    """A retained message is there for who comes later, until an empty one removes it."""
    mouth = Peer("py-mouth")
    mouth.connect()
    mouth.publish("py/kept", "x", 1, retain=True)
    ear = Peer("py-ear")
    ear.connect()
    ear.subscribe("py/kept", 1)
    message = ear.hear()
    assert message.payload == b"x" and message.retain
    mouth.publish("py/kept", "", 1, retain=True)
    assert ear.hear().payload == b""
    late = Peer("py-late")
    late.connect()
    late.subscribe("py/kept", 1)
    late.hears_nothing()
    for peer in (mouth, ear, late):
        peer.leave()


def will():
    """The will of a client whose socket just closes is published."""
    ear = Peer("py-ear")
    ear.connect()
    ear.subscribe("py/last", 1)
    mortal = Peer("py-mortal", will=("py/last", "gone", 1, False))
    mortal.connect()
    mortal.client.loop_stop()
    mortal.client.socket().close()
    assert ear.hear().payload == b"gone"
    ear.leave()


globals()[PART]()
