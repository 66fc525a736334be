/**
 * What an ONNX file says of its model: the metadata that dtf_keras writes.
 *
 * Such a file is a protobuf message, `ModelProto`, whose field 14 has the metadata, pairs
 * of a key (field 1) and a value (field 2). Nothing else of it is looked at here.
 */

const METADATA = 14;
const OURS = "dtf_keras.";
const LENGTH_FIRST = 2; // the wire type of strings and messages
const FIXED = { 1: 8, 5: 4 }; // bytes of the other wire types

/**
 * @param {Uint8Array} bytes of the file.
 * @returns {Object} of what follows `dtf_keras.`, such as `glosses`, to its value.
 * @throws {Error} it is no ONNX file.
 */
export function onnxFacts(bytes) {
  const facts = {};
  const text = new TextDecoder();
  for (const [field, content] of fields(bytes)) {
    if (field !== METADATA) continue;
    const pair = Object.fromEntries(fields(content));
    const key = text.decode(pair[1]);
    if (key.startsWith(OURS)) {
      facts[key.slice(OURS.length)] = JSON.parse(text.decode(pair[2]));
    }
  }
  return facts;
}

/** The fields of a message that have bytes: [number, bytes] each. */
function* fields(bytes) {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let place = 1; at < bytes.length; place *= 128) {
      const byte = bytes[at++];
      value += (byte % 128) * place;
      if (byte < 128) return value;
    }
    throw broken();
  };
  while (at < bytes.length) {
    const tag = number();
    const type = tag % 8;
    if (type === LENGTH_FIRST) {
      const end = number() + at;
      if (end > bytes.length) throw broken();
      yield [Math.floor(tag / 8), bytes.subarray(at, end)];
      at = end;
    } else if (type === 0) {
      number();
    } else if (type in FIXED) {
      at += FIXED[type];
    } else {
      throw broken();
    }
  }
}

function broken() {
  return new Error("This is no ONNX file.");
}
