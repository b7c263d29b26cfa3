import { WebSocket } from 'k6/websockets';
import { check } from 'k6';

export const options = { vus: 2, duration: '3s' };

export default function () {
  const socket = new WebSocket(__ENV.TARGET);
  let left = 20;
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => {
    check(data, { 'is echoed': (text) => text === 'hello' });
    left -= 1;
    if (left === 0) socket.close();
    else socket.send('hello');
  };
}
