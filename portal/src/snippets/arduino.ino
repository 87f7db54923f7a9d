// ESP32; library manager: PubSubClient
#include <WiFi.h>
#include <PubSubClient.h>

WiFiClient net;
PubSubClient mqtt(net);

void setup() {
  WiFi.begin("YOUR-WIFI", "ITS-PASSWORD");
  while (WiFi.status() != WL_CONNECTED) delay(200);
  mqtt.setServer("{{HOST}}", {{MQTT_PORT}});
}

void loop() {
  if (!mqtt.connected()) mqtt.connect("{{DEVICE}}", "{{DEVICE}}", "{{TOKEN}}");
  mqtt.loop();
  char reading[48];
  snprintf(reading, sizeof reading, "{\"temperature\": %.2f}", 21.5);
  mqtt.publish("t", reading);
  delay(1000);
}
