/** Files, with word of how much of them has come. */

/**
 * @param {string[]} paths of files.
 * @param {Object<string, number>} sizes of them in bytes.
 * @param {(share: number) => void} say what to do with the share that has come, 0 to 1.
 * @returns {Promise<Uint8Array[]>}
 * @throws {Error} a file does not come.
 */
export async function load(paths, sizes, say) {
  const total = paths.reduce((sum, path) => sum + sizes[path], 0);
  let have = 0;
  const came = (bytes) => say(Math.min(1, (have += bytes) / total));
  return Promise.all(paths.map((path) => loadOne(path, came)));
}

async function loadOne(path, came) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) {
    const why = answer ? `the server answers ${answer.status}` : "no connection";
    throw new Error(`${path} cannot be loaded: ${why}.`);
  }
  const parts = [];
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    came(value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** An address for bytes, for libraries that load from one. */
export function addressOf(bytes, type) {
  return URL.createObjectURL(new Blob([bytes], { type }));
}
