# On the board: mpremote mip install umqtt.simple
import json, time
from umqtt.simple import MQTTClient

client = MQTTClient("{{DEVICE}}", "{{HOST}}", port={{MQTT_PORT}}, user="{{DEVICE}}", password="{{TOKEN}}", keepalive=60)
client.connect()

while True:
    client.publish(b"t", json.dumps({"temperature": 21.5}), qos=1)
    time.sleep(1)
