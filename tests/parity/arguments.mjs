/** Turns `{ hex }` arguments, which JSON can carry, into bytes. */
export function decodeArguments(values) {
  return values.map((value) =>
    value?.hex === undefined
      ? value
      : Uint8Array.from(value.hex.match(/../g), (pair) => Number.parseInt(pair, 16)),
  );
}
