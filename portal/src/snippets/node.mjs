// Node.js 22 or newer (20: node --experimental-websocket); nothing to install
const socket = new WebSocket('{{WS_URL}}/api/v1/ws', ['tributary', 'bearer.{{TOKEN}}']);

socket.onopen = () => setInterval(() => socket.send(JSON.stringify({ temperature: 21.5 })), 1000);
socket.onmessage = event => console.log('acknowledged', event.data);
socket.onclose = event => console.log('closed', event.code, event.reason);
