mosquitto_pub -h {{HOST}} -p {{MQTT_PORT}} -u {{DEVICE}} -P {{TOKEN}} -q 1 -t t -m '{"temperature": 21.5}'
