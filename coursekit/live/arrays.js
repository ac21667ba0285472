// Arrays from base64, as arrays.py writes them.

function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function single(text) {
  return new Float32Array(bytes(text).buffer);
}

// float16: a sign, five bits of exponent, ten of fraction
function half(text) {
  return Float32Array.from(new Uint16Array(bytes(text).buffer), (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

// rows of `width` numbers each
function rowsOf(values, width) {
  return Array.from({length: values.length / width}, (_, i) =>
    values.subarray(i * width, (i + 1) * width));
}
