// What to paste, per language. The files are the same that `tributary snippet` prints and that tests run.
import any from '../snippets/any.txt?raw';
import arduino from '../snippets/arduino.ino?raw';
import curl from '../snippets/curl.sh?raw';
import java from '../snippets/Sensor.java?raw';
import micropython from '../snippets/micropython.py?raw';
import node from '../snippets/node.mjs?raw';
import python from '../snippets/python.py?raw';
import shell from '../snippets/shell.sh?raw';
import telegraf from '../snippets/telegraf.conf?raw';

export const SNIPPETS: { id: string; title: string; text: string }[] = [
  { id: 'shell', title: 'Shell', text: shell },
  { id: 'curl', title: 'curl', text: curl },
  { id: 'python', title: 'Python', text: python },
  { id: 'micropython', title: 'MicroPython', text: micropython },
  { id: 'arduino', title: 'ESP32 Arduino', text: arduino },
  { id: 'node', title: 'Node', text: node },
  { id: 'java', title: 'Java', text: java },
  { id: 'telegraf', title: 'Telegraf', text: telegraf },
  { id: 'any', title: 'Any MQTT device', text: any },
];

export interface Filling {
  device: string;
  token: string;
  mqttPort: number;
}

/** A snippet for this server, as this browser reaches it. */
export function fill(text: string, { device, token, mqttPort }: Filling): string {
  const words: Record<string, string> = {
    HOST: location.hostname,
    MQTT_PORT: String(mqttPort),
    URL: location.origin,
    WS_URL: location.origin.replace(/^http/, 'ws'),
    DEVICE: device,
    TOKEN: token,
  };
  return text.replace(/\{\{([A-Z_]+)\}\}/g, (_, name: string) => words[name] ?? '').trimEnd();
}
