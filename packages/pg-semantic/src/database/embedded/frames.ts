import { deserialize, serialize } from 'node:v8';

/** No message is larger; a longer one means that the other side does not speak this protocol. */
const maxFrameBytes = 512 * 1024 * 1024;

/** A message as bytes: its length, then its content in the form in which Node's threads exchange values. */
export function toFrame(message: unknown): Buffer {
  const content = serialize(message);
  const frame = Buffer.allocUnsafe(4 + content.length);
  frame.writeUInt32BE(content.length, 0);
  content.copy(frame, 4);
  return frame;
}

/** Takes bytes as they come and calls back with each whole message. */
export function frameReader(onMessage: (message: unknown) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 4;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = Buffer.concat(chunks);
    for (;;) {
      wanted = 4 + (bytes.length < 4 ? 0 : bytes.readUInt32BE(0));
      if (wanted > maxFrameBytes) throw new RangeError(`a message of ${wanted} bytes is none of ours`);
      if (bytes.length < wanted || bytes.length < 4) break;
      onMessage(deserialize(bytes.subarray(4, wanted)));
      bytes = bytes.subarray(wanted);
    }
    chunks = [bytes];
    held = bytes.length;
  };
}
