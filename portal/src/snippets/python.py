# pip install paho-mqtt
import json, random, time
import paho.mqtt.client as mqtt

try:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="{{DEVICE}}")
except AttributeError:  # paho-mqtt 1
    client = mqtt.Client(client_id="{{DEVICE}}")
client.username_pw_set("{{DEVICE}}", "{{TOKEN}}")
client.connect("{{HOST}}", {{MQTT_PORT}})
client.loop_start()

while True:
    reading = {"temperature": round(random.gauss(21.5, 0.5), 2)}
    client.publish("t", json.dumps(reading), qos=1).wait_for_publish(5)
    print("acknowledged", reading)
    time.sleep(1)
