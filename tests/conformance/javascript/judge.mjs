// Reads and writes events with the CloudEvents SDK for JavaScript.
//
// One JSON request on standard input, one JSON answer on standard output; bodies are hexadecimal.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

// The SDK is installed beside the lock file's copy, in the working directory.
const { CloudEvent, HTTP, Kafka } = createRequire(path.join(process.cwd(), "judge.js"))("cloudevents");

function read({ binding, headers, key, body }) {
  try {
    const text = Buffer.from(body, "hex").toString("utf8");
    const message = { headers: Object.fromEntries(headers), key: key ?? undefined, body: text, value: text };
    const event = { http: HTTP, kafka: Kafka }[binding].toEvent(message);
    event.validate();
    const { data, data_base64: _, ...attributes } = { ...event };
    return { accepted: true, attributes, data: data ?? null };
  } catch (error) {
    return { accepted: false, error: `${error.name}: ${error.message}` };
  }
}

function write({ binding, mode, attributes, data, bytes }) {
  const payload = bytes === undefined ? data : new Uint8Array(Buffer.from(bytes, "hex"));
  const event = new CloudEvent({ ...attributes, data: payload }, true);
  const message = { http: HTTP, kafka: Kafka }[binding][mode](event);
  const headers = Object.entries(message.headers).filter(([, value]) => value !== undefined);
  // The binding for Kafka leaves it to its user to serialise the value.
  const body = typeof message.body === "string" || ArrayBuffer.isView(message.body) ? message.body : JSON.stringify(message.body);
  return { headers: headers.map(([name, value]) => [name, String(value)]), body: Buffer.from(body).toString("hex") };
}

const request = JSON.parse(readFileSync(0, "utf8"));
const answer = { read: request.read.map(read), write: request.write.map(write), schemas: [] };
// Half a surrogate pair, which the SDK lets through, would be no UTF-8.
process.stdout.write(JSON.stringify(answer).replace(/\\ud[89a-f][0-9a-f]{2}/g, "\\ufffd"));
